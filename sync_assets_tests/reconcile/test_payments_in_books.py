"""What the ERP makes of payouts, and of what billing takes back or gives up."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.reconcile.test_payments_received import charge, found, paid_invoice, pay


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def payout(books: Books, name: str, *, days_ago: int = 9, status: str = "paid") -> None:
    """A payout of 970.00 EUR: a charge of 1,000.00 less its fee of 30.00."""
    at = books.through - timedelta(days=days_ago)
    held = {"currency": "EUR", "created_at": at}
    books.put(
        "stripe", "payout", name, amount_minor=97_000, status=status, arrival_on=at.date(), automatic=True, **held
    )
    books.put(
        "stripe", "settlement", f"bt_{name}", payout_id=name, kind="charge", amount_minor=100_000, fee_minor=3_000,
        net_minor=97_000, **held,
    )  # fmt: skip


def deposit(books: Books, record_id: str, name: str, *, fee: int) -> None:
    """The deposit of a payout: the bank, and its fees on an account of cost."""
    own = {"currency": "EUR", "status": "paid", "is_posted": True, "created_at": books.through - timedelta(days=8)}
    books.put("netsuite", "payout", record_id, amount_minor=97_000, copy_of=f"payments:{name}", **own)
    books.put("netsuite", "ledger_account", "51", kind="Expense")
    books.put("netsuite", "ledger_account", "11", kind="Bank")
    for line, (account, minor) in enumerate([("11", 97_000), ("51", fee)]):
        if minor:
            part: dict[str, Any] = {"from_record_id": record_id, "document_id": record_id}
            key = f"{record_id}-{line}"
            books.put("netsuite", "document_line", key, amount_minor=minor, currency="EUR", **part)
            books.put(
                "netsuite", "posting", f"{key}-1", line_id=key, book="1", account_id=account, is_posting=True, **part
            )


def test_a_payout_that_arrived_and_was_never_deposited_is_missing_in_the_books(books: Books) -> None:
    payout(books, "po_1")
    payout(books, "po_2", status="in_transit")
    payout(books, "po_3", days_ago=4)
    assert found(books, "F72") == [("stripe:po_1", "CASH", 97_000, "FI", "payments->erp")]
    deposit(books, "300", "po_1", fee=3_000)
    assert found(books, "F72") == []
    # po_3 arrived at midnight of a day four days ago; five days is the lag
    books.through += timedelta(days=1)
    assert [row[0] for row in found(books, "F72")] == ["stripe:po_3"]


def test_a_deposit_booked_net_lacks_its_fees_where_others_have_them(books: Books) -> None:
    payout(books, "po_1")
    deposit(books, "300", "po_1", fee=0)
    assert found(books, "F73") == [], "this company may book its fees by the month"
    payout(books, "po_2")
    deposit(books, "301", "po_2", fee=3_000)
    books.judge(full=True)
    assert found(books, "F73") == [("stripe:po_1", "MISSTATE", 3_000, "FI", "payments->erp")]
    deposit(books, "300", "po_1", fee=2_900)
    # 30.00 - 29.00
    assert [row[2] for row in found(books, "F73")] == [100]
    deposit(books, "300", "po_1", fee=3_000)
    assert found(books, "F73") == []


def test_what_the_processor_charges_by_itself_may_stand_in_the_deposit_or_elsewhere(books: Books) -> None:
    payout(books, "po_1")
    payout(books, "po_2")
    own = {"currency": "EUR", "created_at": books.through - timedelta(days=9), "fee_minor": 0}
    # 5.00 a month for the processor's own service, beside 30.00 kept of the charge
    books.put(
        "stripe", "settlement", "bt_own", payout_id="po_1", kind="stripe_fee", amount_minor=-500, net_minor=-500, **own
    )  # fmt: skip
    deposit(books, "301", "po_2", fee=3_000)
    for fee in (3_500, 3_000):
        deposit(books, "300", "po_1", fee=fee)
        assert found(books, "F73") == []
    deposit(books, "300", "po_1", fee=500)
    # 30.00 and 5.00 less 5.00
    assert [row[2] for row in found(books, "F73")] == [3_000]


def test_fees_that_no_account_ever_knew_are_one_break_of_each_month(books: Books) -> None:
    for record_id, name in (("300", "po_1"), ("301", "po_2")):
        payout(books, name)
        deposit(books, record_id, name, fee=0)
    # noon of the month's last day; the books have until its end, and a day
    assert found(books, "F73") == []
    books.through += timedelta(hours=36)
    # two payouts that left 30.00 each behind
    assert found(books, "F73") == [("stripe:po_1", "MISSTATE", 6_000, "FI", "payments->erp")]
    books.put("netsuite", "posting", "400-1-1", document_id="400", book="1", account_id="51", is_posting=True)
    assert found(books, "F73") == [], "this company books its fees by the month"


def credit_note(books: Books, hours_ago: int, **fields: Any) -> None:
    at = books.through - timedelta(hours=hours_ago)
    held = {"customer_id": "c1", "is_void": False, "status": "settled", "currency": "EUR", "total_minor": 2_000}
    own = {"invoice_id": "1042", "kind": "adjustment", "issued_at": at}
    books.put("chargebee", "credit_note", "CN-1", **{**held, **own, **fields})


def test_a_credit_note_that_the_erp_has_not_is_an_unsynced_reversal(books: Books) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042")
    credit_note(books, 0)
    books.through += timedelta(minutes=59)
    assert found(books, "F102") == []
    books.through += timedelta(minutes=1)
    assert found(books, "F102") == [("chargebee:CN-1", "MISSTATE", 2_000, "DE", "billing->erp")]
    held = {"customer_id": "7", "is_void": False, "status": "settled", "currency": "EUR", "total_minor": 2_000}
    books.put("netsuite", "credit_note", "901", copy_of="billing:CN-1", **held)
    assert found(books, "F102") == []


@pytest.mark.parametrize("fields", [{"is_void": True, "status": "void"}, {"reason": "write_off"}, {"total_minor": 0}])
def test_void_notes_and_write_offs_are_no_reversals_to_send(books: Books, fields: dict[str, Any]) -> None:
    credit_note(books, 50, **fields)
    assert found(books, "F102") == []


def test_a_payment_that_failed_later_must_not_stand_in_the_erp(books: Books) -> None:
    pay(books, "txn_1", 11_900, invoice="", status="failed")
    held = {"copy_of": "billing:txn_1", "amount_minor": 11_900, "currency": "EUR"}
    books.put("netsuite", "payment", "800", status="succeeded", **held)
    for line, (debit, credit) in enumerate([(11_900, 0), (0, 11_900)]):
        key = f"800-{line}"
        own: dict[str, Any] = {"from_record_id": "800", "document_id": "800", "line_id": key, "book": "1"}
        books.put("netsuite", "posting", f"{key}-1", debit_minor=debit, credit_minor=credit, is_posting=True, **own)
    assert found(books, "F102") == [("chargebee:txn_1", "MISSTATE", 11_900, "DE", "billing->erp")]
    books.put("netsuite", "payment", "800", status="void", **held)
    assert found(books, "F102") == []


def test_a_bad_debt_is_given_up_on_both_sides(books: Books) -> None:
    at = books.through - timedelta(days=6)
    books.invoice("1042", status="paid", paid_at=at, written_off_minor=11_900, due_minor=0)
    books.erp_invoice("900", "1042", due_minor=11_900)
    assert found(books, "F94") == []
    books.through += timedelta(days=1)
    assert found(books, "F94") == [("chargebee:1042", "MISSTATE", 11_900, "FI", "billing->erp")]
    books.erp_invoice("900", "1042", status="paid", due_minor=0)
    assert found(books, "F94") == []


def open_in_erp(books: Books, **fields: Any) -> None:
    """An invoice that billing calls paid by a charge, and the ERP still expects whole."""
    paid_invoice(books, paid_minor=11_900, due_minor=0)
    books.erp_invoice("91042", "1042", status="open", due_minor=11_900)
    pay(books, "txn_1", 11_900, charge="ch_1")
    charge(books, "ch_1", 11_900, **fields)


def book_payment(books: Books, record_id: str = "800", name: str = "txn_1", minor: int = 11_900, **fields: Any) -> None:
    """The ERP's copy of a payment, used up, with a balanced set of ledger lines."""
    held = {"copy_of": f"billing:{name}", "status": "succeeded", "amount_minor": minor, "currency": "EUR"}
    own: dict[str, Any] = {"customer_id": "7", "available_minor": 0, "created_at": books.through - timedelta(days=9)}
    books.put("netsuite", "payment", record_id, **{**held, **own, **fields})
    for line, (debit, credit) in enumerate([(minor, 0), (0, minor)]):
        key = f"{record_id}-{line}"
        part: dict[str, Any] = {"from_record_id": record_id, "document_id": record_id, "line_id": key, "book": "1"}
        books.put("netsuite", "posting", f"{key}-1", debit_minor=debit, credit_minor=credit, is_posting=True, **part)


def test_a_payment_that_lies_unused_in_the_erp_leaves_its_invoice_open(books: Books) -> None:
    open_in_erp(books)
    book_payment(books, available_minor=11_900, created_at=books.through - timedelta(hours=23))
    assert found(books, "F60") == [], "somebody may apply it within a day"
    books.through += timedelta(hours=1)
    # all of 119.00
    assert found(books, "F60") == [("chargebee:1042", "CASH", 11_900, "FI", "payments->erp")]
    book_payment(books, available_minor=5_000)
    assert found(books, "F60") == [], "what the rest was used for is another question"
    book_payment(books, available_minor=11_900, customer_id="8")
    assert found(books, "F60") == [], "whose it is comes first"


def test_a_payment_that_came_back_is_rightly_missing_in_the_erp(books: Books) -> None:
    pay(books, "txn_0", 1, invoice="", created_at=books.through - timedelta(days=40), status="refunded")
    open_in_erp(books, status="failed")
    assert found(books, "F60") == []
    assert found(books, "F61") == [("chargebee:1042", "CASH", 11_900, "FI", "payments->billing")]
    charge(books, "ch_1", 11_900)
    assert found(books, "F61") == []
    assert found(books, "F60") == [("chargebee:1042", "CASH", 11_900, "FI", "payments->erp")]
