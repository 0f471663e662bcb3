"""Claims about what Chargebee's records mean, on records written by others and on the documents' edge cases."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync_assets.systems.chargebee.spec import SYSTEM
from sync_assets_tests.systems.chargebee.site import at, saved
from sync_assets_tests.systems.conformed import copies, outcome

CUSTOMER = saved("customer")["list"][0]["customer"]
SUBSCRIPTION = saved("subscription")["list"][0]["subscription"]
EVENT = saved("event")["list"][0]["event"]
INVOICE = EVENT["content"]["invoice"]


def one(stream: str, entity: str, record: dict[str, Any]) -> dict[str, Any]:
    """The only row that a record makes."""
    (row,) = copies(SYSTEM.stream(stream), entity, [record])
    return row


SAVED = {
    "customers": [CUSTOMER, saved("subscription")["list"][0]["customer"], EVENT["content"]["customer"]],
    "subscriptions": [SUBSCRIPTION, EVENT["content"]["subscription"]],
    "invoices": [INVOICE],
    "events": [EVENT],
}


@pytest.mark.parametrize("name", SAVED)
def test_every_mapping_reads_every_record_written_by_others(name: str) -> None:
    stream = SYSTEM.stream(name)
    for mapped in stream.mappings:
        assert copies(stream, mapped.entity, SAVED[name])


def test_a_customer_is_named_after_its_company_or_else_its_person() -> None:
    assert one("customers", "customer", CUSTOMER)["name"] == "John Doe"
    row = one("customers", "customer", {**CUSTOMER, "company": "Acme"})
    assert (row["name"], row["currency"], row["status"], row["domain"]) == ("Acme", "USD", "active", "test.com")
    assert row["payment_terms"] == "0"


def test_a_customer_is_a_copy_of_its_crm_account_in_the_long_form() -> None:
    row = one("customers", "customer", {**CUSTOMER, "cf_salesforce_account_id": " 001M000000qfPyS"})
    assert row["copy_of"] == "crm:001M000000qfPySIAU"
    row = one("customers", "customer", {**CUSTOMER, "cf_salesforce_account_id": "no id"})
    assert row["copy_of"] == "crm:no id"


def test_a_deleted_customer_is_inactive_and_dated() -> None:
    row = one("customers", "customer", {**CUSTOMER, "deleted": True})
    assert row["status"] == "inactive"
    assert row["deleted_at"] == at(CUSTOMER["updated_at"])


def test_a_subscription_has_its_term_and_no_end_while_it_renews() -> None:
    row = one("subscriptions", "subscription", SUBSCRIPTION)
    assert (row["status"], row["auto_renew"], row["period"], row["period_unit"]) == ("active", True, 1, "month")
    assert row["term_ends_at"] == at(1615310120)
    assert "ends_at" not in row


def test_a_subscription_ends_when_it_stops_renewing() -> None:
    scheduled = {**SUBSCRIPTION, "status": "non_renewing"}
    assert one("subscriptions", "subscription", scheduled)["ends_at"] == at(1615310120)
    cancelled = {**SUBSCRIPTION, "status": "cancelled", "cancelled_at": 1615000000}
    row = one("subscriptions", "subscription", cancelled)
    assert (row["ends_at"], row["auto_renew"]) == (at(1615000000), False)
    contract = {"action_at_term_end": "cancel", "contract_end": 1620000000}
    assert one("subscriptions", "subscription", {**SUBSCRIPTION, "contract_term": contract})["ends_at"] == at(
        1620000000
    )


def test_a_state_that_the_document_does_not_list_is_set_aside() -> None:
    rows, rejects = outcome(SYSTEM.stream("subscriptions"), "subscription", [{**SUBSCRIPTION, "status": "dozing"}])
    assert (rows, rejects) == ([], [("unknown_enum", "")])


def test_items_of_a_subscription_are_priced_in_the_major_unit() -> None:
    row = one("subscriptions", "subscription_item", SUBSCRIPTION)
    # 1000 cents are 10.00 USD.
    assert (row["record_id"], row["unit_price"], row["amount_minor"]) == (
        "__test__8asukSOXdvliPG-basic-USD",
        "10.00",
        1000,
    )


def test_decimal_prices_are_kept_exactly() -> None:
    row = one("subscriptions", "subscription_item", EVENT["content"]["subscription"])
    assert Decimal(row["unit_price"]) == Decimal("116.66667")
    assert Decimal(row["quantity"]) == 1


def test_the_same_item_price_twice_makes_two_items() -> None:
    item = SUBSCRIPTION["subscription_items"][0]
    rows = copies(
        SYSTEM.stream("subscriptions"), "subscription_item", [{**SUBSCRIPTION, "subscription_items": [item] * 2}]
    )
    assert [row["record_id"] for row in rows] == [
        "__test__8asukSOXdvliPG-basic-USD",
        "__test__8asukSOXdvliPG-basic-USD-2",
    ]


def test_the_first_state_of_a_subscription_is_valid_from_its_start() -> None:
    row = one("events", "subscription_version", EVENT)
    # Created on 2023-12-15 with a start on 2023-12-14: backdated. The event itself is dated weeks later.
    assert row["record_id"] == "16BPgETyVrQVHGh1/1702645601793/cross-train-advanced-INR-1_MONTH"
    assert (row["valid_from"], row["known_at"]) == (at(1702578600), at(1702645601))


def test_a_state_is_the_same_row_from_the_list_and_from_an_event() -> None:
    subscription = EVENT["content"]["subscription"]
    volatile = {"version_id", "from_record_id"}
    listed = one("subscriptions", "subscription_version", subscription)
    told = one("events", "subscription_version", EVENT)
    assert {k: v for k, v in listed.items() if k not in volatile} == {
        k: v for k, v in told.items() if k not in volatile
    }


def test_a_change_is_valid_from_when_it_was_made() -> None:
    upgraded = {
        **EVENT["content"]["subscription"],
        "updated_at": 1702700000,
        "resource_version": 1702700000123,
        "subscription_items": [{"item_price_id": "pro-INR", "item_type": "plan", "quantity": 3, "unit_price": 500}],
    }
    event = {**EVENT, "id": "ev_2", "occurred_at": 1702700000, "content": {"subscription": upgraded}}
    rows = copies(SYSTEM.stream("events"), "subscription_version", [EVENT, event])
    changed = rows[1]
    assert (changed["valid_from"], changed["known_at"]) == (at(1702700000), at(1702700000))
    assert (changed["price_id"], changed["quantity"], changed["unit_price"]) == ("pro-INR", "3", "5.00")


def test_an_event_without_a_subscription_makes_no_version() -> None:
    event = {**EVENT, "content": {"customer": CUSTOMER}}
    assert copies(SYSTEM.stream("events"), "subscription_version", [event]) == []


def test_an_invoice_due_is_its_total_less_what_was_paid_credited_and_written_off() -> None:
    record = {**INVOICE, "total": 80000, "amount_paid": 0, "amount_adjusted": 77000, "credits_applied": 3000}
    row = one("invoices", "invoice", {**record, "amount_due": 0})
    # 80000 - 0 - (77000 + 3000) - 0 = 0
    assert row["total_minor"] - row["paid_minor"] - row["credited_minor"] - row["written_off_minor"] == row["due_minor"]


def test_an_invoice_is_dated_finalised_and_numbered() -> None:
    row = one("invoices", "invoice", INVOICE)
    assert (row["record_id"], row["number"], row["status"], row["is_void"]) == ("203", "203", "paid", False)
    # 1702578600 is 2023-12-14 18:30 UTC.
    assert (row["issued_at"], row["issued_on"]) == (datetime(2023, 12, 14, 18, 30, tzinfo=UTC), date(2023, 12, 14))
    assert row["finalised_at"] == at(1702578600)
    assert Decimal(row["exchange_rate"]) == Decimal("83.283543")


@pytest.mark.parametrize(
    ("vendor", "ours"),
    [("posted", "open"), ("payment_due", "open"), ("not_paid", "open"), ("voided", "void"), ("pending", "draft")],
)
def test_invoice_states_have_our_names(vendor: str, ours: str) -> None:
    row = one("invoices", "invoice", {**INVOICE, "status": vendor})
    assert (row["status"], row["is_void"]) == (ours, ours == "void")
    assert ("finalised_at" in row) == (ours != "draft")


def test_a_line_without_an_id_is_named_by_its_invoice_and_position() -> None:
    line = {key: value for key, value in INVOICE["line_items"][0].items() if key != "id"}
    rows = copies(SYSTEM.stream("invoices"), "invoice_line", [{**INVOICE, "line_items": [line, line]}])
    assert [row["record_id"] for row in rows] == ["203-1", "203-2"]
    assert rows[0]["kind"] == "plan"
    assert rows[0]["price_id"] == "cross-train-advanced-INR-1_MONTH"


def test_an_adhoc_line_has_no_price() -> None:
    line = {**INVOICE["line_items"][0], "entity_type": "adhoc", "entity_id": None}
    row = one("invoices", "invoice_line", {**INVOICE, "line_items": [line]})
    assert row["kind"] == "adhoc"
    assert "price_id" not in row


@pytest.mark.parametrize(("currency", "minor"), [("EUR", 153), ("JPY", 153), ("KWD", 1530), ("CLF", 15300)])
def test_amounts_become_the_minor_units_of_their_currency(currency: str, minor: int) -> None:
    # 153 is 1.53 of any currency with decimals: 1530 fils, and 153 of one without.
    row = one("invoices", "invoice", {**INVOICE, "currency_code": currency, "total": 153})
    assert row["total_minor"] == minor


def test_a_currency_that_is_none_is_set_aside() -> None:
    _, rejects = outcome(SYSTEM.stream("invoices"), "invoice", [{**INVOICE, "currency_code": "usd"}])
    assert rejects == [("currency", "currency")]


NOTE = {
    "id": "TEST-CN-1",
    "customer_id": "c1",
    "reference_invoice_id": "203",
    "type": "refundable",
    "reason_code": "waiver",
    "status": "refund_due",
    "date": 1517505643,
    "currency_code": "USD",
    "total": 1000,
    "amount_allocated": 200,
    "amount_refunded": 300,
    "amount_available": 500,
    "taxes": [{"name": "VAT", "amount": 60}, {"name": "city", "amount": 7}],
    "updated_at": 1517505643,
}


def test_a_credit_note_says_what_became_of_it() -> None:
    row = one("credit_notes", "credit_note", NOTE)
    # 200 allocated + 300 refunded + 500 available = 1000; taxes 60 + 7.
    assert row["allocated_minor"] + row["refunded_minor"] + row["available_minor"] == row["total_minor"] == 1000
    assert (row["tax_minor"], row["status"], row["kind"], row["invoice_id"]) == (67, "open", "refundable", "203")
    assert one("credit_notes", "credit_note", {**NOTE, "status": "voided"})["is_void"]


TRANSACTION = {
    "id": "txn_1",
    "customer_id": "c1",
    "type": "payment",
    "status": "success",
    "amount": 1100,
    "currency_code": "USD",
    "date": 1517505680,
    "settled_at": 1517505780,
    "gateway": "stripe",
    "id_at_gateway": "ch_1",
    "payment_method": "card",
    "linked_invoices": [{"invoice_id": "203", "applied_amount": 1100, "applied_at": 1517505680}],
    "linked_refunds": [],
    "updated_at": 1517505680,
}


def test_a_payment_is_a_copy_of_the_charge_at_the_gateway() -> None:
    row = one("transactions", "payment", TRANSACTION)
    assert (row["copy_of"], row["processor_reference"]) == ("payments:ch_1", "ch_1")
    assert (row["status"], row["amount_minor"], row["invoice_id"]) == ("succeeded", 1100, "203")
    offline = {key: value for key, value in TRANSACTION.items() if key != "id_at_gateway"}
    assert "copy_of" not in one("transactions", "payment", offline)


def test_a_payment_counts_as_refunded_when_successful_refunds_reach_it() -> None:
    failed = {"txn_id": "t3", "txn_status": "failure", "txn_amount": 1100}
    some = {"txn_id": "t2", "txn_status": "success", "txn_amount": 400}
    row = one("transactions", "payment", {**TRANSACTION, "linked_refunds": [some, failed]})
    assert (row["status"], row["refunded_minor"]) == ("succeeded", 400)
    # 400 + 700 = 1100
    row = one("transactions", "payment", {**TRANSACTION, "linked_refunds": [some, {**some, "txn_amount": 700}]})
    assert (row["status"], row["refunded_minor"]) == ("refunded", 1100)


@pytest.mark.parametrize(
    ("vendor", "payment", "allocation"),
    [
        ("success", "succeeded", "applied"),
        ("failure", "failed", "failed"),
        ("timeout", "failed", "failed"),
        ("late_failure", "failed", "failed"),
        ("voided", "void", "reversed"),
        ("in_progress", "pending", None),
        ("needs_attention", "pending", None),
    ],
)
def test_a_failed_payment_stays_linked_and_is_not_applied(vendor: str, payment: str, allocation: str | None) -> None:
    record = {**TRANSACTION, "status": vendor}
    assert one("transactions", "payment", record)["status"] == payment
    row = one("transactions", "allocation", record)
    assert row.get("status") == allocation
    assert (row["payment_id"], row["document_id"], row["amount_minor"]) == ("txn_1", "203", 1100)


REFUND = {
    "id": "txn_2",
    "type": "refund",
    "status": "success",
    "amount": 400,
    "currency_code": "USD",
    "date": 1517600000,
    "refunded_txn_id": "txn_1",
    "id_at_gateway": "re_1",
    "linked_credit_notes": [{"cn_id": "TEST-CN-1", "cn_reason_code": "waiver", "applied_amount": 400}],
}


def test_a_refund_names_its_payment_and_its_credit_note() -> None:
    row = one("transactions", "refund", REFUND)
    assert (row["payment_id"], row["credit_note_id"], row["reason"]) == ("txn_1", "TEST-CN-1", "waiver")
    assert row["copy_of"] == "payments:re_1"
    assert row["refunded_at"] == at(1517600000)


def test_a_reversal_is_a_refund_of_the_payment_it_reverses() -> None:
    record = {"id": "txn_9", "type": "payment_reversal", "reference_transaction_id": "txn_1"}
    row = one("transactions", "refund", {**record, "status": "success", "amount": 5, "currency_code": "USD"})
    assert row["payment_id"] == "txn_1"


def test_kinds_of_transactions_do_not_mix() -> None:
    authorization = {**TRANSACTION, "id": "txn_3", "type": "authorization", "linked_invoices": []}
    stream, records = SYSTEM.stream("transactions"), [TRANSACTION, REFUND, authorization]
    assert [row["record_id"] for row in copies(stream, "payment", records)] == ["txn_1"]
    assert [row["record_id"] for row in copies(stream, "refund", records)] == ["txn_2"]
    assert [row["payment_id"] for row in copies(stream, "allocation", records)] == ["txn_1"]


def test_a_kind_of_transaction_that_is_not_documented_is_set_aside() -> None:
    rows, rejects = outcome(SYSTEM.stream("transactions"), "payment", [{**TRANSACTION, "type": "barter"}])
    assert (rows, rejects) == ([], [("unknown_type", "")])


def test_usage_is_an_exact_quantity_on_a_day() -> None:
    usage = {
        "id": "u1",
        "subscription_id": "s1",
        "item_price_id": "calls-USD",
        "usage_date": 1601220958,
        "quantity": "9007199254740993.5",
        "updated_at": 1601220958,
    }
    row = one("usages", "billed_usage", usage)
    # 1601220958 is 2020-09-27 15:35:58 UTC.
    assert (row["quantity"], row["used_on"]) == ("9007199254740993.5", date(2020, 9, 27))
    assert "invoice_id" not in row


def test_items_and_prices_carry_the_catalogue() -> None:
    item = {"id": "pro", "name": "Pro", "status": "active", "metered": False, "type": "plan"}
    row = one("items", "product", item)
    assert (row["sku"], row["name"], row["metered"]) == ("pro", "Pro", False)
    price = {
        "id": "silver-USD-monthly",
        "item_id": "silver",
        "currency_code": "USD",
        "pricing_model": "per_unit",
        "price": 1000,
        "period": 1,
        "period_unit": "month",
        "status": "deleted",
    }
    row = one("item_prices", "price", price)
    assert (row["product_id"], row["unit_price"], row["model"], row["status"]) == (
        "silver",
        "10.00",
        "per_unit",
        "archived",
    )


LEAST: dict[str, dict[str, Any]] = {
    "customers": {},
    "subscriptions": {
        "customer_id": "c",
        "status": "active",
        "currency_code": "EUR",
        "updated_at": 1,
        "subscription_items": [{"item_price_id": "p", "item_type": "plan"}],
    },
    "items": {"status": "active"},
    "item_prices": {"item_id": "i", "pricing_model": "tiered"},
    "invoices": {"customer_id": "c", "status": "paid", "currency_code": "EUR", "total": 0, "line_items": [{}]},
    "credit_notes": {"customer_id": "c", "status": "voided", "currency_code": "EUR", "total": 0},
    "usages": {"subscription_id": "s", "item_price_id": "p", "quantity": "1"},
}


@pytest.mark.parametrize("name", LEAST)
def test_a_record_with_nothing_but_what_it_must_have_is_read(name: str) -> None:
    stream = SYSTEM.stream(name)
    for mapped in stream.mappings:
        assert len(copies(stream, mapped.entity, [{"id": "x", **LEAST[name]}])) == 1


@pytest.mark.parametrize(
    ("kind", "entity"), [("payment", "payment"), ("refund", "refund"), ("payment_reversal", "refund")]
)
def test_a_transaction_with_nothing_but_what_it_must_have_is_read(kind: str, entity: str) -> None:
    record = {"id": "x", "type": kind, "status": "success", "amount": 1, "currency_code": "EUR"}
    assert len(copies(SYSTEM.stream("transactions"), entity, [record])) == 1


@pytest.mark.parametrize(
    ("begins", "named", "over"),
    [
        # a day of Calcutta begins at 18:30 UTC; this site bills by the day, and names the last second of 14 January
        ("2023-12-14T18:30:00", "2024-01-14T18:29:59", "2024-01-14T18:30:00"),
        # by the millisecond, one term ends as the next begins
        ("2021-02-09T17:15:18", "2021-03-09T17:15:18", "2021-03-09T17:15:18"),
        # begun in the last second of a minute
        ("2021-02-09T17:15:59", "2021-03-09T17:15:59", "2021-03-09T17:15:59"),
    ],
)
def test_a_period_is_over_when_the_next_one_begins(begins: str, named: str, over: str) -> None:
    starts, ends, end = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (begins, named, over))
    span = (int(starts.timestamp()), int(ends.timestamp()))
    line = {**INVOICE["line_items"][0], "date_from": span[0], "date_to": span[1]}
    row = one("invoices", "invoice_line", {**INVOICE, "line_items": [line]})
    assert (row["starts_at"], row["ends_at"]) == (starts, end)
    terms = {"current_term_start": span[0], "current_term_end": span[1]}
    subscription = {**SUBSCRIPTION, **terms, "contract_term": {"contract_start": span[0], "contract_end": span[1]}}
    row = one("subscriptions", "subscription", subscription)
    assert (row["term_ends_at"], row["contract_ends_at"]) == (end, end)
