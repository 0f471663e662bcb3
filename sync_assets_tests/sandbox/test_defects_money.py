"""Defects of memos, payments, refunds and deposits happen as they do in business, and their truth is in the records."""

from collections.abc import Iterator
from typing import Any

import pytest

from sync_assets.sandbox.town import Sandbox
from sync_assets.sandbox.truth import Truth
from sync_assets_tests.sandbox.towns import broken_town, find, rows


def about(name: str) -> Iterator[tuple[Sandbox, Truth]]:
    return ((broken_town(name), truth) for truth in broken_town(name).truths)


def seen(town: Sandbox, truth: Truth, number: int = 0) -> dict[str, Any]:
    record = truth.records[number]
    found = find(town, record.system, record.stream, record.record_id)
    assert found is not None
    return found


def minor(document: dict[str, Any], truth: Truth) -> int:
    """The size of a document of the ERP, in minor units."""
    return abs(int(document["foreigntotal"] * (1 if truth.currency == "JPY" else 100)))


def lines_of(town: Sandbox, document: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in rows(town, "netsuite", "transactionaccountingline") if row["transaction"] == document["id"]]


@pytest.mark.parametrize(
    ("name", "field"),
    [("F50 of a credit memo", "total"), ("F50 of a booked payment", "amount"), ("F50 of a booked refund", "amount")],
)
def test_what_somebody_typed_differs_from_billing_and_balances_all_the_same(name: str, field: str) -> None:
    for town, truth in about(name):
        owned, document = seen(town, truth), seen(town, truth, 1)
        assert abs(minor(document, truth) - owned[field]) == truth.money_minor
        booked = lines_of(town, document)
        assert sum(row.get("debit") or 0 for row in booked) == sum(row.get("credit") or 0 for row in booked) > 0


@pytest.mark.parametrize(
    ("name", "field", "times"),
    [
        ("F91 of a credit memo", "total", 100),
        ("F91 of a booked payment", "amount", 100),
        ("F91 of a booked refund", "amount", 0.01),
    ],
)
def test_yen_are_off_by_two_decimals(name: str, field: str, times: float) -> None:
    for town, truth in about(name):
        assert truth.currency == "JPY"
        assert minor(seen(town, truth, 1), truth) == seen(town, truth)[field] * times


@pytest.mark.parametrize("name", ["F75 of a credit memo", "F75 of a payment", "F75 of a refund"])
def test_the_document_is_there_and_its_ledger_lines_are_not(name: str) -> None:
    for town, truth in about(name):
        document = seen(town, truth, 1)
        assert (minor(document, truth), lines_of(town, document)) == (truth.money_minor, [])


@pytest.mark.parametrize(
    ("name", "is_more"), [("F50 of a recorded payment", True), ("F91 of a recorded payment", False)]
)
def test_billing_records_another_amount_than_the_processor_took(name: str, is_more: bool) -> None:
    for town, truth in about(name):
        charge, recorded = seen(town, truth), seen(town, truth, 1)
        assert (charge["amount"] > recorded["amount"]) == is_more
        assert abs(charge["amount"] - recorded["amount"]) == truth.money_minor


def test_a_payment_that_failed_later_is_open_in_billing_and_paid_in_the_erp() -> None:
    for town, truth in about("F102 of a payment"):
        payment, booked, invoice = (seen(town, truth, number) for number in range(3))
        assert (payment["status"], invoice["status"]) == ("failure", "payment_due")
        assert invoice["amount_due"] == invoice["total"]
        assert minor(booked, truth) == truth.money_minor


def test_an_invoice_is_called_paid_and_its_payments_do_not_make_it() -> None:
    for town, truth in about("F63 in billing"):
        invoice = seen(town, truth)
        came = sum(each["applied_amount"] for each in invoice["linked_payments"])
        assert (invoice["status"], invoice["total"] - came) == ("paid", truth.money_minor)


def test_refunds_in_billing_make_more_than_the_payment() -> None:
    for town, truth in about("F69 in billing"):
        payment = seen(town, truth, 1)
        back = [row for row in rows(town, "chargebee", "transactions") if row.get("refunded_txn_id") == payment["id"]]
        # 70 % twice of what was paid
        assert sum(row["amount"] for row in back) - payment["amount"] == truth.money_minor
