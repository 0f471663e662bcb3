"""What stands on a controlled account is what the documents say, and nobody writes on it past them."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books

RECEIVABLE, BANK, INCOME, DEFERRED, EXPENSE = "21", "11", "41", "32", "51"
KINDS = {RECEIVABLE: "AcctRec", BANK: "Bank", INCOME: "Income", DEFERRED: "DeferRevenue", EXPENSE: "Expense"}


@pytest.fixture
def books(store: Store) -> Books:
    books = Books(store=store)
    for account, kind in KINDS.items():
        books.put("netsuite", "ledger_account", account, number=account, name=kind, kind=kind)
    books.put("netsuite", "customer", "7", copy_of="billing:c1", status="active")
    return books


def write(books: Books, document: str, *entries: tuple[str, int], recognition: bool = False) -> None:
    """Lines of a document and of its booking: (account, debit-positive minor units), the first is the main line."""
    for number, (account, minor) in enumerate(entries):
        key = f"{document}-{number}"
        line = {"is_main": number == 0, "tax": False, "amount_minor": minor, "currency": "EUR"}
        books.put("netsuite", "document_line", key, document_id=document, recognition=recognition, **line)
        sides = {"debit_minor": max(minor, 0), "credit_minor": max(-minor, 0), "account_id": account}
        books.put(
            "netsuite", "posting", f"{key}-1", document_id=document, line_id=key, book="1", is_posting=True, **sides
        )


def bill(books: Books, *, due_minor: int, **facts: Any) -> None:
    """An invoice of 119.00, of which so much is open."""
    header = {"customer_id": "7", "status": "open", "is_void": False, "currency": "EUR", "total_minor": 11_900}
    books.put("netsuite", "invoice", "900", due_minor=due_minor, **{**header, **facts})
    write(books, "900", (RECEIVABLE, 11_900), (INCOME, -11_900))


def pay(books: Books, minor: int, *, unused: int | None) -> None:
    """A payment of which so much is not applied."""
    header = {"customer_id": "7", "status": "succeeded", "currency": "EUR", "amount_minor": minor}
    books.put("netsuite", "payment", "950", available_minor=unused, **header)
    write(books, "950", (BANK, minor), (RECEIVABLE, -minor))


def found(books: Books, class_: str) -> list[dict[str, Any]]:
    return [row for row in books.breaks() if row["class"] == class_]


def test_open_items_that_the_ledger_does_not_know_are_worth_the_difference(books: Books) -> None:
    bill(books, due_minor=2_000)
    pay(books, 11_900, unused=0)
    books.judge()
    (wrong,) = found(books, "F80")
    # ledger 119.00 - 119.00 = 0, open items 20.00
    assert (wrong["money_at_risk_minor"], wrong["currency"], wrong["kind"]) == (2_000, "EUR", "MISSTATE")
    assert (wrong["entity_id"], wrong["owner"]) == ("chargebee:c1", "FI")
    assert wrong["first_divergence"]["hop"] == "erp->ledger"
    bill(books, due_minor=0)
    books.judge()
    assert found(books, "F80") == []


@pytest.mark.parametrize(
    ("due_minor", "paid", "unused"),
    [
        (11_900, 5_000, 5_000),  # 119.00 - 50.00 on account, both open
        (6_900, 5_000, 0),  # 50.00 applied
        (0, 12_000, 100),  # 1.00 too much, still free
    ],
)
def test_payments_on_account_in_part_or_too_high_agree_with_the_ledger(
    books: Books, due_minor: int, paid: int, unused: int
) -> None:
    bill(books, due_minor=due_minor)
    pay(books, paid, unused=unused)
    books.judge()
    assert found(books, "F80") == []


def test_a_refunded_credit_leaves_nothing_open(books: Books) -> None:
    bill(books, due_minor=0)
    pay(books, 11_900, unused=0)
    credit = {"customer_id": "7", "status": "open", "is_void": False, "currency": "EUR", "total_minor": 3_000}
    books.put("netsuite", "credit_note", "960", available_minor=1_000, **credit)
    write(books, "960", (RECEIVABLE, -3_000), (INCOME, 3_000))
    books.put("netsuite", "refund", "970", customer_id="7", status="succeeded", currency="EUR", amount_minor=2_000)
    write(books, "970", (BANK, -2_000), (RECEIVABLE, 2_000))
    books.judge()
    # ledger 119 - 119 - 30 + 20 = -10; open items: 10 of the credit are left
    assert found(books, "F80") == []


def test_what_the_erp_does_not_show_as_open_is_not_guessed(books: Books) -> None:
    bill(books, due_minor=0)
    pay(books, 5_000, unused=None)
    books.judge()
    assert found(books, "F80") == []


def test_nothing_is_said_of_a_customer_with_a_journal_on_the_receivable(books: Books) -> None:
    bill(books, due_minor=2_000)
    pay(books, 11_900, unused=0)
    books.put("netsuite", "journal", "980", kind="Journal", customer_id="7", currency="EUR", is_posted=True)
    write(books, "980", (RECEIVABLE, 2_000), (INCOME, -2_000))
    books.judge()
    assert found(books, "F80") == []


@pytest.mark.parametrize("member", [{"record_id": "7", "parent_id": "6"}, {"record_id": "8", "parent_id": "7"}])
def test_nothing_is_said_of_a_family_whose_members_settle_each_others_invoices(
    books: Books, member: dict[str, str]
) -> None:
    bill(books, due_minor=2_000)
    pay(books, 11_900, unused=0)
    books.judge()
    assert len(found(books, "F80")) == 1
    books.put("netsuite", "customer", status="active", **member)
    books.judge()
    assert found(books, "F80") == []


def test_a_difference_has_a_day_to_be_settled(books: Books) -> None:
    bill(books, due_minor=2_000, version_at=books.through)
    pay(books, 11_900, unused=0)
    books.put(
        "netsuite", "payment", "950", customer_id="7", status="succeeded", currency="EUR", amount_minor=11_900,
        available_minor=0, version_at=books.through,
    )  # fmt: skip
    books.judge()
    assert found(books, "F80") == []
    books.through += timedelta(days=1)
    books.judge()
    assert len(found(books, "F80")) == 1


def test_an_unbooked_invoice_explains_why_open_items_and_ledger_differ(books: Books) -> None:
    header = {"customer_id": "7", "status": "open", "is_void": False, "currency": "EUR", "total_minor": 11_900}
    books.put("netsuite", "invoice", "900", due_minor=11_900, **header)
    books.judge()
    (cause,), (symptom,) = found(books, "F75"), found(books, "F80")
    assert (symptom["caused_by"], symptom["money_at_risk_minor"]) == (cause["break_id"], 0)


def journal(books: Books, *entries: tuple[str, int], **facts: Any) -> None:
    recognition = facts.pop("recognition", False)
    header = {"kind": "Journal", "number": "JE1", "currency": "EUR", "is_posted": True, "external_id": None}
    books.put("netsuite", "journal", "980", **{**header, **facts})
    write(books, "980", *entries, recognition=recognition)


@pytest.mark.parametrize("account", [RECEIVABLE, DEFERRED])
def test_a_journal_by_hand_on_a_controlled_account_is_reported_with_what_it_moves(books: Books, account: str) -> None:
    journal(books, (INCOME, 4_200), (account, -4_200))
    books.judge()
    (wrong,) = found(books, "F95")
    assert (wrong["money_at_risk_minor"], wrong["kind"], wrong["entity_id"]) == (4_200, "CONTROL", "netsuite:980")
    assert wrong["first_divergence"]["hop"] == "erp"
    journal(books, (INCOME, 4_200), (EXPENSE, -4_200))
    books.judge()
    assert found(books, "F95") == []


def test_a_journal_within_a_controlled_account_moves_one_side_of_it(books: Books) -> None:
    journal(books, (DEFERRED, 3_000), (DEFERRED, -2_000), (INCOME, -1_000))
    books.judge()
    # debits 30.00, credits 20.00: 30.00 were moved
    assert [row["money_at_risk_minor"] for row in found(books, "F95")] == [3_000]


@pytest.mark.parametrize(
    "facts",
    [
        {"recognition": True},
        {"external_id": "revrec_2026_06"},
        {"kind": "FxReval"},
        {"is_posted": False},
    ],
)
def test_recognition_integrations_revaluation_and_drafts_are_no_journals_by_hand(
    books: Books, facts: dict[str, Any]
) -> None:
    journal(books, (DEFERRED, 4_200), (INCOME, -4_200), **facts)
    books.judge()
    assert found(books, "F95") == []


def test_a_journal_that_writes_off_what_billing_gave_up_is_none_by_hand(books: Books) -> None:
    journal(books, (EXPENSE, 4_200), (RECEIVABLE, -4_200), customer_id="7")
    books.judge()
    assert len(found(books, "F95")) == 1
    books.invoice("1042", written_off_minor=4_200)
    books.judge()
    assert found(books, "F95") == []


def test_one_journal_may_write_off_what_billing_gave_up_of_several_invoices(books: Books) -> None:
    books.invoice("1042", written_off_minor=4_200)
    books.invoice("1043", status="uncollectible", due_minor=1_800)
    # 42.00 + 18.00
    journal(books, (EXPENSE, 6_000), (RECEIVABLE, -6_000), customer_id="7")
    books.judge()
    assert found(books, "F95") == []
    journal(books, (EXPENSE, 6_100), (RECEIVABLE, -6_100), customer_id="7")
    books.judge()
    assert [row["money_at_risk_minor"] for row in found(books, "F95")] == [6_100]


def test_a_journal_that_opens_a_receivable_again_after_a_dispute_is_none_by_hand(books: Books) -> None:
    day = books.through - timedelta(days=5)
    journal(books, (RECEIVABLE, 11_900), (BANK, -11_900), customer_id="7", issued_on=day.date())
    books.judge()
    assert len(found(books, "F95")) == 1
    held = {"currency": "EUR", "amount_minor": 11_900, "customer_id": "cus_1"}
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    books.put("stripe", "payment", "ch_1", status="succeeded", **held)
    dispute = {"payment_id": "ch_1", "amount_minor": 11_900, "currency": "EUR", "opened_at": day}
    books.put("stripe", "dispute", "dp_1", status="lost", **dispute)
    books.judge()
    assert found(books, "F95") == []
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c2")
    books.judge(full=True)
    assert len(found(books, "F95")) == 1, "the dispute of another customer"


def test_business_that_goes_on_hides_no_difference_of_before(books: Books) -> None:
    bill(books, due_minor=2_000)
    pay(books, 11_900, unused=0)
    header = {"customer_id": "7", "currency": "EUR", "version_at": books.through}
    books.put("netsuite", "invoice", "901", status="paid", is_void=False, total_minor=5_000, due_minor=0, **header)
    write(books, "901", (RECEIVABLE, 5_000), (INCOME, -5_000))
    paid = {"status": "succeeded", "amount_minor": 5_000, "available_minor": 0}
    books.put("netsuite", "payment", "951", **header, **paid)
    write(books, "951", (BANK, 5_000), (RECEIVABLE, -5_000))
    books.judge()
    # what came today agrees with itself; the 20.00 of before stay
    assert [row["money_at_risk_minor"] for row in found(books, "F80")] == [2_000]
