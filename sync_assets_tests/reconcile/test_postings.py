"""Documents are posted once, in the period of their day, on the accounts of what they sell."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.deals import said

MAY, JUNE, JULY = "202605", "202606", "202607"


@pytest.fixture
def books(store: Store) -> Books:
    books = Books(store=store)
    for period, start, end in ((MAY, (5, 1), (5, 31)), (JUNE, (6, 1), (6, 30)), (JULY, (7, 1), (7, 31))):
        days = {"starts_on": date(2026, *start), "ends_on": date(2026, *end)}
        books.put("netsuite", "period", period, name=period, is_closed=False, is_locked=False, **days)
    whole = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 12, 31), "is_year": True}
    books.put("netsuite", "period", "2026", name="FY 2026", **whole)
    for account, kind in (("41", "Income"), ("42", "Income"), ("32", "DeferRevenue"), ("61", "OthIncome")):
        books.put("netsuite", "ledger_account", account, number=f"40{account}", kind=kind)
    accounts = {"income_account_id": "41", "deferral_account_id": "32"}
    books.put("netsuite", "product", "101", sku="seats", status="active", **accounts)
    return books


def found(books: Books, class_: str) -> list[dict[str, object]]:
    return [row for row in books.breaks() if row["class"] == class_]


def test_an_invoice_posted_again_after_a_lost_reply_is_a_break_over_the_whole_of_it(books: Books) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042")
    books.judge()
    assert found(books, "F76") == []
    books.erp_invoice("1000", "1042")
    books.judge()
    (twice,) = found(books, "F76")
    # 119.00 stands in the books once too often; the later document is the one too many
    assert (twice["money_at_risk_minor"], twice["currency"], twice["kind"]) == (11_900, "EUR", "MISSTATE")
    assert (twice["entity_id"], twice["owner"]) == ("chargebee:1042", "FI")
    divergence = twice["first_divergence"]
    assert isinstance(divergence, dict)
    assert (divergence["hop"], divergence["record_id"]) == ("billing->erp", "1000")


@pytest.mark.parametrize(
    "mended",
    [{"deleted_at": datetime(2026, 6, 29, tzinfo=UTC)}, {"is_void": True, "status": "void"}, {"is_posted": False}],
)
def test_a_repeated_posting_that_is_gone_void_or_not_approved_counts_for_nothing(
    books: Books, mended: dict[str, object]
) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042")
    books.erp_invoice("1000", "1042")
    books.judge()
    assert len(found(books, "F76")) == 1
    books.erp_invoice("1000", "1042", **mended)
    books.judge()
    assert found(books, "F76") == []


def test_the_first_of_two_postings_is_reversed_and_the_second_is_right(books: Books) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042")
    books.erp_invoice("1000", "1042")
    books.judge()
    books.erp_invoice("900", "1042", deleted_at=books.through)
    books.judge()
    assert found(books, "F76") == []


def test_a_payment_booked_twice_is_a_break(books: Books) -> None:
    money = {"customer_id": "7", "status": "succeeded", "amount_minor": 11_900, "currency": "EUR"}
    for number in ("50", "51"):
        books.put("netsuite", "payment", number, copy_of="billing:txn_1", **money)
    books.put("netsuite", "payment", "52", copy_of=None, **money)
    books.judge()
    assert [row["entity_id"] for row in found(books, "F76")] == ["chargebee:txn_1"]


def test_a_payout_deposited_twice_is_a_break(books: Books) -> None:
    for number in ("300", "301"):
        books.put(
            "netsuite", "payout", number, copy_of="payments:po_1", amount_minor=97_000, currency="EUR", status="paid",
            is_posted=True,
        )  # fmt: skip
    books.judge()
    (twice,) = found(books, "F76")
    assert said(twice) == ("F76", "FI", "payments->erp", "MISSTATE", 97_000)
    assert twice["entity_id"] == "stripe:po_1"


@pytest.mark.parametrize(
    ("facts", "is_wrong"),
    [
        ({}, True),
        ({"available_minor": 0}, False),  # it pays an invoice of its own
        ({"settled_on": date(2026, 6, 11)}, False),
        ({"amount_minor": 11_800, "available_minor": 11_800}, False),
        ({"customer_id": "8"}, False),
    ],
)
def test_a_payment_entered_again_by_hand_pays_nothing(books: Books, facts: dict[str, Any], is_wrong: bool) -> None:
    money = {"customer_id": "7", "status": "succeeded", "amount_minor": 11_900, "currency": "EUR"}
    day = {"settled_on": date(2026, 6, 10)}
    books.put("netsuite", "payment", "50", copy_of="billing:txn_1", available_minor=0, **money, **day)
    books.put("netsuite", "payment", "51", **{**money, **day, "available_minor": 11_900, **facts})
    books.judge()
    # 119.00 of cash too much
    amounts = [(row["entity_id"], row["money_at_risk_minor"]) for row in found(books, "F76")]
    assert amounts == ([("chargebee:txn_1", 11_900)] if is_wrong else [])


def entries(books: Books, document: str, first: int, *parts: tuple[str, int]) -> None:
    """Ledger lines of a document by account, debit positive, numbered from the first."""
    for line, (account, minor) in enumerate(parts, start=first):
        sides = {"debit_minor": max(minor, 0), "credit_minor": max(-minor, 0), "account_id": account}
        key = f"{document}-{line}"
        books.put(
            "netsuite", "posting", f"{key}-1", document_id=document, line_id=key, book="1", is_posting=True, **sides
        )


def test_a_document_whose_ledger_lines_are_all_there_twice_is_booked_twice(books: Books) -> None:
    head = {"copy_of": "billing:1042", "customer_id": "7", "status": "open", "is_void": False, "currency": "EUR"}
    books.put("netsuite", "invoice", "900", total_minor=11_900, **head)
    # two seats at 50.00: alike lines of one document, whose receivable is there once
    entries(books, "900", 0, ("21", 11_900), ("41", -5_000), ("41", -5_000), ("31", -1_900))
    books.judge()
    assert found(books, "F76") == []
    entries(books, "900", 4, ("21", 11_900), ("41", -5_000), ("41", -5_000), ("31", -1_900))
    books.judge()
    (twice,) = found(books, "F76")
    assert said(twice) == ("F76", "FI", "erp->ledger", "MISSTATE", 11_900)
    assert twice["entity_id"] == "chargebee:1042"


def test_a_journal_may_repeat_its_lines(books: Books) -> None:
    books.put("netsuite", "journal", "500", kind="Journal", currency="EUR", is_posted=True)
    entries(books, "500", 0, ("32", 5_000), ("41", -5_000), ("32", 5_000), ("41", -5_000))
    books.judge()
    assert found(books, "F76") == []


def test_an_invoice_of_may_posted_in_june_is_cut_off_wrongly_while_may_is_open(books: Books) -> None:
    day = {"issued_on": date(2026, 5, 31), "created_at": datetime(2026, 6, 1, 8, tzinfo=UTC)}
    books.erp_invoice("900", "1042", period_id=JUNE, **day)
    books.judge()
    (wrong,) = found(books, "F81")
    assert (wrong["expected"], wrong["found"], wrong["money_at_risk_minor"]) == (MAY, JUNE, 11_900)
    assert wrong["first_divergence"]["hop"] == "erp->ledger"  # type: ignore[index]
    books.erp_invoice("900", "1042", period_id=MAY, **day)
    books.judge()
    assert found(books, "F81") == []


@pytest.mark.parametrize(("created_on", "is_wrong"), [(5, True), (6, False), (20, False)])
def test_a_period_that_was_closed_already_explains_a_later_one(books: Books, created_on: int, is_wrong: bool) -> None:
    closed = {"starts_on": date(2026, 5, 1), "ends_on": date(2026, 5, 31), "closed_on": date(2026, 6, 6)}
    books.put("netsuite", "period", MAY, name=MAY, is_closed=True, is_locked=True, **closed)
    created = datetime(2026, 6, created_on, 8, tzinfo=UTC)
    books.erp_invoice("900", "1042", period_id=JUNE, issued_on=date(2026, 5, 31), created_at=created)
    books.judge()
    assert bool(found(books, "F81")) is is_wrong


def test_a_closed_period_explains_no_earlier_one(books: Books) -> None:
    closed = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 6, 30), "closed_on": date(2026, 6, 6)}
    books.put("netsuite", "period", JUNE, name=JUNE, is_closed=True, is_locked=True, **closed)
    day = {"issued_on": date(2026, 6, 20), "created_at": datetime(2026, 6, 20, tzinfo=UTC)}
    books.erp_invoice("900", "1042", period_id=MAY, **day)
    books.judge()
    assert len(found(books, "F81")) == 1


def sell(books: Books, document: str, account: str, on: date) -> None:
    """An ERP invoice of 100.00 for seats and 19.00 of tax, its item line posted to an account."""
    books.erp_invoice(document, f"b{document}", issued_on=on, period_id=JUNE)
    rows = (("0", True, False, None, 11_900, "21"), ("1", False, False, "101", -10_000, account))
    for line, main, tax, item, minor, posted in (*rows, ("2", False, True, None, -1_900, "31")):
        key = f"{document}-{line}"
        said = {"is_main": main, "tax": tax, "item_id": item, "amount_minor": minor, "currency": "EUR"}
        books.put("netsuite", "document_line", key, document_id=document, **said)
        sides = {"debit_minor": max(minor, 0), "credit_minor": max(-minor, 0), "account_id": posted}
        books.put(
            "netsuite", "posting", f"{key}-1", document_id=document, line_id=key, book="1", is_posting=True, **sides
        )


@pytest.mark.parametrize("account", ["61", "42"])
def test_a_line_on_an_account_that_is_not_the_items_is_worth_its_net_amount(books: Books, account: str) -> None:
    sell(books, "900", "41", date(2026, 6, 2))
    sell(books, "901", account, date(2026, 6, 12))
    books.judge()
    (wrong,) = found(books, "F82")
    # the line of 100.00 is on the wrong account, its tax is not
    assert (wrong["entity_id"], wrong["money_at_risk_minor"]) == ("chargebee:b901", 10_000)
    assert wrong["expected"] == "account 4041"
    assert wrong["found"] == f"account 40{account}"
    sell(books, "901", "41", date(2026, 6, 12))
    books.judge()
    assert found(books, "F82") == []


def test_a_year_in_advance_on_the_items_deferral_account_is_right(books: Books) -> None:
    sell(books, "900", "41", date(2026, 6, 2))
    sell(books, "901", "32", date(2026, 6, 12))
    books.judge()
    assert found(books, "F82") == []


def test_a_line_posted_before_the_item_had_its_present_account_is_not_judged(books: Books) -> None:
    sell(books, "900", "42", date(2026, 6, 2))
    sell(books, "901", "41", date(2026, 6, 12))
    books.judge()
    assert found(books, "F82") == []


def test_wrong_postings_are_told_from_what_has_changed_alone(books: Books) -> None:
    sell(books, "900", "41", date(2026, 6, 2))
    books.judge()
    books.through += timedelta(hours=1)
    sell(books, "901", "61", date(2026, 6, 12))
    books.judge()
    assert [row["entity_id"] for row in found(books, "F82")] == ["chargebee:b901"]
