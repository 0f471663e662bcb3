"""What transactions become: invoices, credit notes, payments, refunds, payouts and journals."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.systems.conformed import copies, outcome

TRANSACTION = SYSTEM.stream("transaction")


def document(**fields: Any) -> dict[str, Any]:
    """A document as the account shows it; fields that are None are left out, as nulls are."""
    row = {
        "links": [],
        "id": "7",
        "type": "CustInvc",
        "tranid": "INV1001",
        "externalid": "chargebee_invoice_in_1",
        "status": "A",
        "entity": "12",
        "currency": "2",
        "currencycode": "EUR",
        "foreigntotal": "120.5",
        "trandate": "2026-01-31 00:00:00",
        "posting": "T",
        "postingperiod": "301",
        "lastmodifieddate": "2026-01-31 09:30:00 America/Los_Angeles",
        **fields,
    }
    return {name: value for name, value in row.items() if value is not None}


def only(entity: str, /, **fields: Any) -> dict[str, Any]:
    (row,) = copies(TRANSACTION, entity, [document(**fields)])
    return row


def test_an_invoice_is_a_copy_of_the_billing_invoice_that_its_external_id_names() -> None:
    row = only(
        "invoice",
        foreignamountpaid="20.5",
        foreignamountunpaid="100",
        duedate="2026-03-02 00:00:00",
        exchangerate="1.0875",
        subsidiary="3",
        subsidiaryexternalid="emea",
        approvalstatus="2",
        voided="F",
    )
    wanted = {
        "record_id": "7",
        "copy_of": "billing:in_1",
        "customer_id": "12",
        "number": "INV1001",
        "status": "open",
        "is_void": False,
        "is_posted": True,
        "issued_on": date(2026, 1, 31),
        "due_on": date(2026, 3, 2),
        "currency": "EUR",
        "total_minor": 12050,
        "paid_minor": 2050,
        "due_minor": 10000,
        "legal_entity": "emea",
        "period_id": "301",
        "exchange_rate": "1.0875",
        # 09:30 in Los Angeles in January is 17:30 in UTC
        "version_at": datetime(2026, 1, 31, 17, 30, tzinfo=UTC),
    }
    assert {name: row[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("external_id", "number", "copy_of"),
    [
        ("chargebee_invoice_9", "INV9", "billing:9"),
        (None, "INV9", "billing:INV9"),
        (None, "INV 9", None),
        (None, None, None),
        ("someone_else_9", "INV9", None),
    ],
)
def test_a_document_number_names_the_billing_invoice_only_without_an_external_id(
    external_id: str | None, number: str | None, copy_of: str | None
) -> None:
    assert only("invoice", externalid=external_id, tranid=number).get("copy_of") == copy_of


@pytest.mark.parametrize(
    ("letter", "voided", "status"),
    [
        ("A", "F", "open"),
        ("CustInvc:B", "F", "paid"),
        ("D", None, "draft"),
        ("V", "F", "void"),
        ("B", "T", "void"),
    ],
)
def test_the_letter_of_a_status_and_the_void_flag_say_how_an_invoice_stands(
    letter: str, voided: str | None, status: str
) -> None:
    row = only("invoice", status=letter, voided=voided)
    assert (row["status"], row["is_void"]) == (status, status == "void")


@pytest.mark.parametrize(
    ("posting", "approval", "posted"),
    [("T", "2", True), ("T", None, True), ("F", "2", False), ("T", "1", False), ("T", "3", False), (None, "2", None)],
)
def test_a_document_is_in_the_books_when_it_posts_and_nobody_holds_it_back(
    posting: str | None, approval: str | None, posted: bool | None
) -> None:
    assert only("invoice", posting=posting, approvalstatus=approval).get("is_posted") is posted


def test_a_credit_memo_is_positive_whatever_its_sign_in_the_books() -> None:
    row = only(
        "credit_note",
        type="CustCred",
        externalid="chargebee_credit_note_cn_1",
        foreigntotal="-50.00",
        foreignpaymentamountused="-20.00",
        foreignpaymentamountunused="-30.00",
        createdfrom="7",
    )
    wanted = {
        "copy_of": "billing:cn_1",
        "invoice_id": "7",
        "total_minor": 5000,
        "allocated_minor": 2000,
        "available_minor": 3000,
        "status": "open",
    }
    assert {name: row[name] for name in wanted} == wanted


def test_a_payment_a_refund_and_a_deposit_name_what_they_copy() -> None:
    payment = only("payment", type="CustPymt", externalid="chargebee_transaction_txn_1", status="C", foreigntotal="-9")
    refund = only("refund", type="CustRfnd", externalid="chargebee_transaction_txn_2", status=None, foreigntotal="9")
    deposit = only("payout", type="Deposit", externalid="stripe_payout_po_1", status=None, entity=None)
    assert (payment["copy_of"], payment["status"], payment["amount_minor"]) == ("billing:txn_1", "succeeded", 900)
    assert payment["settled_on"] == date(2026, 1, 31)
    assert (refund["copy_of"], refund["status"], refund["amount_minor"]) == ("billing:txn_2", "succeeded", 900)
    assert (deposit["copy_of"], deposit["status"], deposit["arrival_on"]) == (
        "payments:po_1",
        "paid",
        date(2026, 1, 31),
    )


@pytest.mark.parametrize(
    ("fields", "payment", "refund", "payout"),
    [
        ({"status": "A"}, "pending", "succeeded", "paid"),
        ({"status": "B", "posting": "F"}, "succeeded", "pending", "pending"),
        ({"status": "V"}, "void", "void", "canceled"),
        ({"status": "C", "voided": "T"}, "void", "void", "canceled"),
    ],
)
def test_money_in_and_out_is_done_once_it_is_in_the_books_and_never_when_voided(
    fields: dict[str, str], payment: str, refund: str, payout: str
) -> None:
    assert only("payment", type="CustPymt", **fields)["status"] == payment
    assert only("refund", type="CustRfnd", **fields)["status"] == refund
    assert only("payout", type="Deposit", **fields)["status"] == payout


def test_each_document_becomes_one_copy_of_one_kind() -> None:
    kinds = ["CustInvc", "CustCred", "CustPymt", "CustRfnd", "Deposit", "Journal", "SalesOrd"]
    rows = [document(id=str(at), type=kind, status="A") for at, kind in enumerate(kinds)]
    made = {
        mapped.entity: [row["record_id"] for row in copies(TRANSACTION, mapped.entity, rows)]
        for mapped in TRANSACTION.mappings
    }
    assert made == {
        "invoice": ["0"],
        "credit_note": ["1"],
        "payment": ["2"],
        "refund": ["3"],
        "payout": ["4"],
        "journal": ["5", "6"],
    }


def test_a_journal_keeps_its_kind_its_letter_and_its_memo() -> None:
    row = only("journal", type="Journal", status="Journal:B", memo="Deferred revenue", entity=None, foreigntotal=None)
    assert (row["kind"], row["status"], row["memo"], row["is_posted"]) == ("Journal", "B", "Deferred revenue", True)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "Q"}, "unknown_enum"),
        ({"currencycode": "DOLLAR"}, "currency"),
        ({"currencycode": None}, "currency"),
        ({"foreigntotal": "12.345"}, "money_scale"),
        ({"foreigntotal": "1e999"}, "number_size"),
        ({"foreigntotal": "NaN"}, "not_finite"),
        ({"foreigntotal": None}, "missing_field"),
        ({"trandate": "2026-02-30 00:00:00"}, "date"),
        ({"trandate": "1/31/2026"}, "date"),
        ({"posting": "yes"}, "type"),
        ({"entity": None}, "missing_field"),
    ],
)
def test_an_invoice_that_cannot_be_read_is_set_aside_with_its_reason(fields: dict[str, Any], reason: str) -> None:
    good = document(id="8")
    rows, rejects = outcome(TRANSACTION, "invoice", [document(**fields), good])
    assert [row["record_id"] for row in rows] == ["8"]
    assert [found for found, _ in rejects] == [reason]


def test_a_document_without_a_creation_time_is_read_all_the_same() -> None:
    row = only("payment", type="CustPymt", status="C", createddate=" America/Los_Angeles")
    assert "created_at" not in row
    row = only("payment", type="CustPymt", status="C", createddate="2026-01-15 04:00:00 America/Los_Angeles")
    assert row["created_at"] == datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_native_json_types_are_read_like_their_texts() -> None:
    row = only("invoice", id=7, foreigntotal=Decimal("120.5"), posting=True, postingperiod=301, entity=12)
    assert (row["record_id"], row["total_minor"], row["is_posted"], row["period_id"]) == ("7", 12050, True, "301")
