"""Defects happen in the systems as they do in business, each on a customer of its own, and their truth is right."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from sync_assets.model.breaks import OWNERS, Kind
from sync_assets.model.roles import HOPS
from sync_assets.sandbox.defects.plan import in_turns
from sync_assets.sandbox.defects.registry import FACTS, class_of
from sync_assets.sandbox.town import Sandbox
from sync_assets.sandbox.truth import Truth
from sync_assets_tests.sandbox.towns import NOW, broken_town, find, rows

NAMES = sorted(FACTS)
CLASSES = {class_of(name) for name in NAMES}
SEEN_BY_THE_BOOKS = ("F11", "F12", "F13", "F31", "F34", "F49", "F50", "F51", "F60", "F67", "F71")
"""Others leave every pair of documents equal: what is wrong is that they exist, or that they are not booked."""


@pytest.mark.parametrize("name", NAMES)
def test_each_defect_is_made_as_often_as_asked_each_on_a_customer_of_its_own(name: str) -> None:
    truths = broken_town(name).truths
    assert [truth.class_ for truth in truths] == [class_of(name)] * 3
    assert len({truth.customer for truth in truths}) == 3
    assert len({truth.entity_id for truth in truths}) == 3


@pytest.mark.parametrize("name", NAMES)
def test_a_truth_speaks_the_words_of_the_interface(name: str) -> None:
    for truth in broken_town(name).truths:
        assert truth.hop in HOPS
        assert truth.owner in OWNERS
        assert truth.kind in set(Kind)
        # What cannot be read has no known worth; every other defect costs something.
        assert truth.money_minor > 0 or truth.class_ == "F103"
        assert truth.since < NOW - timedelta(days=10)
        assert truth.system in {"salesforce", "chargebee", "stripe", "netsuite", "product"}
        assert truth.entity_id == f"{truth.records[0].system}:{truth.records[0].record_id}"


@pytest.mark.parametrize("name", NAMES)
def test_the_evidence_of_a_truth_exists(name: str) -> None:
    town = broken_town(name)
    for truth in town.truths:
        for record in truth.records:
            assert find(town, record.system, record.stream, record.record_id) is not None, record


@pytest.mark.parametrize("class_", SEEN_BY_THE_BOOKS)
def test_the_books_of_a_defective_company_do_not_agree(class_: str) -> None:
    assert len(broken_town(class_).check()) >= 3


def test_a_history_has_each_class_once_for_every_sixty_customers_and_more_where_it_goes_wrong_in_many_ways() -> None:
    town = Sandbox(seed=4, customers=120, now=NOW)
    counts = Counter(truth.class_ for truth in town.truths)
    # F50 and F91 go wrong in seven ways, of which three companies are to have all
    assert counts == {**dict.fromkeys(CLASSES, 2), "F50": 3, "F91": 3}
    assert len({truth.customer for truth in town.truths}) == len(town.truths)
    assert not {truth.customer for truth in town.truths} & {benign.customer for benign in town.benign}


def test_three_companies_of_following_seeds_have_every_defect_between_them() -> None:
    assert {name for seed in (101, 202, 303) for name in in_turns(seed, 1)} == set(NAMES)
    assert set(in_turns(7001, 16)) == set(NAMES)


def about(class_: str) -> list[tuple[Sandbox, Truth]]:
    return [(broken_town(class_), truth) for truth in broken_town(class_).truths]


def entity(town: Sandbox, truth: Truth, number: int = 0) -> dict[str, Any]:
    record = truth.records[number]
    found = find(town, record.system, record.stream, record.record_id)
    assert found is not None
    return found


def erp_copy(town: Sandbox, invoice: dict[str, Any]) -> list[dict[str, Any]]:
    wanted = f"chargebee_invoice_{invoice['id']}"
    return [row for row in rows(town, "netsuite", "transaction") if row.get("externalid") == wanted]


def test_an_orphan_has_a_live_subscription_and_no_account_in_the_crm() -> None:
    for town, truth in about("F3"):
        customer, subscription = entity(town, truth), entity(town, truth, 1)
        assert subscription["status"] == "active"
        assert "cf_source" not in customer
        assert find(town, "salesforce", "accounts", customer.get("cf_salesforce_account_id", "")) is None
        assert truth.money_minor == subscription["mrr"]


def test_a_deal_that_never_arrives_loses_its_price_for_the_time_that_passed() -> None:
    for town, truth in about("F11"):
        opportunity = entity(town, truth)
        assert opportunity["IsWon"]
        linked = {row.get("cf_salesforce_opportunity_id", "")[:15] for row in rows(town, "chargebee", "subscriptions")}
        assert opportunity["Id"][:15] not in linked
        days = (NOW - truth.since).total_seconds() / 86_400
        per_month = truth.accrual.per_period_minor if truth.accrual else 0
        # Terms are months of 28 to 31 days.
        assert per_month * days / 31 <= truth.money_minor <= per_month * days / 28


def test_a_wrong_price_is_billed_from_the_start() -> None:
    for town, truth in about("F12"):
        subscription, line = entity(town, truth), entity(town, truth, 1)
        item = subscription["subscription_items"][0]
        scale = 1 if truth.currency == "JPY" else 100
        agreed = line["UnitPrice"] * scale * (100 - (line.get("Discount") or 0)) / 100
        gap = item["unit_price"] - agreed
        assert gap
        assert truth.kind == ("OVER" if gap > 0 else "LEAK")
        assert truth.accrual is not None
        assert truth.accrual.per_period_minor == abs(gap) * item["quantity"]


def test_seats_sold_in_the_crm_alone_never_reach_billing() -> None:
    for town, truth in about("F13"):
        subscription, line = entity(town, truth), entity(town, truth, 1)
        missing = line["Quantity"] - subscription["subscription_items"][0]["quantity"]
        assert missing > 0
        amendments = [
            row
            for row in rows(town, "salesforce", "orders")
            if row.get("OriginalOrderId") and row["OpportunityId"] == line["OpportunityId"]
        ]
        assert len(amendments) == 1


def test_a_stale_invoice_has_the_seats_of_before_although_billing_knew() -> None:
    for town, truth in about("F17"):
        invoice, subscription = entity(town, truth), entity(town, truth, 1)
        line, item = invoice["line_items"][0], subscription["subscription_items"][0]
        changed = [
            row["occurred_at"]
            for row in rows(town, "chargebee", "events")
            if row["event_type"] == "subscription_changed"
            and row["content"]["subscription"]["id"] == subscription["id"]
        ]
        assert changed[0] < line["date_from"] <= invoice["generated_at"]
        assert truth.money_minor == (item["quantity"] - line["quantity"]) * line["unit_amount"]
        # The books agree all the same: the ERP has booked what billing issued.
        assert len(erp_copy(town, invoice)) == 1


def test_one_deal_has_two_live_subscriptions() -> None:
    for town, truth in about("F20"):
        second, first = entity(town, truth), entity(town, truth, 1)
        assert second["cf_salesforce_opportunity_id"] == first["cf_salesforce_opportunity_id"]
        assert second["id"] != first["id"]
        assert (first["status"], second["status"]) == ("active", "active")


def test_access_outlives_its_subscription() -> None:
    for town, truth in about("F31"):
        entitlement, subscription = entity(town, truth), entity(town, truth, 1)
        assert subscription["status"] == "cancelled"
        assert "deletedAt" not in entitlement
        assert entitlement["subjectKey"] == subscription["id"]


def test_less_usage_is_billed_than_was_metered() -> None:
    for town, truth in about("F34"):
        usage = entity(town, truth, 1)
        invoice = find(town, "chargebee", "invoices", usage["invoice_id"])
        assert invoice is not None
        line = next(line for line in invoice["line_items"] if line["id"] == usage["line_item_id"])
        metered = sum(
            row["data"]["units"]
            for row in rows(town, "product", "events")
            if row["subject"] == usage["subscription_id"]
            and line["date_from"] <= row["time"].timestamp() <= line["date_to"]
        )
        assert line["quantity"] == int(usage["quantity"]) < metered
        assert truth.money_minor == (metered - line["quantity"]) * line["unit_amount"]


def test_both_copies_of_an_event_are_billed_and_one_is_too_much() -> None:
    for town, truth in about("F35"):
        usage, event = entity(town, truth, 1), entity(town, truth, 2)
        invoice = find(town, "chargebee", "invoices", usage["invoice_id"]) or {}
        (line,) = [line for line in invoice["line_items"] if line["id"] == usage["line_item_id"]]
        stored = [
            row
            for row in town.product.platform.settled_events().all()
            if row.event["subject"] == usage["subscription_id"]
            and line["date_from"] <= row.time.timestamp() <= line["date_to"]
        ]
        first, second = [row.event["data"]["units"] for row in stored if row.event["id"] == event["id"]]
        assert line["quantity"] == sum(row.event["data"]["units"] for row in stored)
        assert first == second
        assert truth.money_minor == first * line["unit_amount"]


def test_a_term_is_invoiced_twice() -> None:
    for town, truth in about("F46"):
        second, first = entity(town, truth), entity(town, truth, 1)
        assert first["id"] != second["id"]
        same = ("subscription_id", "entity_id", "date_from", "date_to", "amount")
        assert [[line[name] for name in same] for line in first["line_items"]] == [
            [line[name] for name in same] for line in second["line_items"]
        ]
        assert truth.money_minor == second["total"]


def test_a_header_is_not_the_sum_of_its_lines() -> None:
    for town, truth in about("F49"):
        invoice = entity(town, truth)
        assert truth.money_minor == invoice["total"] - sum(line["amount"] for line in invoice["line_items"])


def test_billing_and_erp_differ_by_the_amount_at_risk() -> None:
    for town, truth in about("F50"):
        invoice = entity(town, truth)
        (copy,) = erp_copy(town, invoice)
        booked = int(copy["foreigntotal"] * (1 if truth.currency == "JPY" else 100))
        if invoice["status"] == "voided":
            assert (copy["voided"], booked, truth.money_minor) == ("F", invoice["total"], invoice["total"])
        else:
            assert abs(booked - invoice["total"]) == truth.money_minor


def test_an_invoice_is_not_in_the_erp() -> None:
    for town, truth in about("F51"):
        invoice = entity(town, truth)
        assert erp_copy(town, invoice) == []
        assert truth.money_minor == invoice["total"]


def test_the_processor_was_paid_and_somebody_does_not_know() -> None:
    for town, truth in about("F60"):
        invoice, charge = entity(town, truth), entity(town, truth, 2)
        assert (charge["status"], charge["amount"]) == ("succeeded", invoice["total"])
        (copy,) = erp_copy(town, invoice)
        in_billing = truth.hop == "payments->billing"
        assert (invoice["status"] == "payment_due") == in_billing
        assert copy["foreignamountunpaid"] == copy["foreigntotal"]


def test_a_refund_has_no_credit_note() -> None:
    for town, truth in about("F67"):
        refund = entity(town, truth)
        assert refund["amount"] == truth.money_minor
        customer = entity(town, truth, 2)["customer_id"]
        assert not [row for row in rows(town, "chargebee", "credit_notes") if row["customer_id"] == customer]


def test_a_payout_is_not_the_sum_of_its_movements() -> None:
    for town, truth in about("F71"):
        payout = entity(town, truth)
        tied = [movement for movement, payout_id in town.stripe.rows.paid_out.items() if payout_id == payout["id"]]
        movements = [row for row in rows(town, "stripe", "balance_transactions") if row["id"] in tied]
        moved = sum(row["net"] for row in movements if row["type"] != "payout")
        assert payout["amount"] - moved == truth.money_minor


def test_an_invoice_is_in_the_erp_and_not_in_its_ledger() -> None:
    for town, truth in about("F75"):
        transaction = entity(town, truth, 1)
        assert transaction["posting"]
        booked = [
            row
            for row in rows(town, "netsuite", "transactionaccountingline")
            if row["transaction"] == transaction["id"]
        ]
        lines = [row for row in rows(town, "netsuite", "transactionline") if row["transaction"] == transaction["id"]]
        assert (booked, bool(lines)) == ([], True)


def test_money_that_accrues_is_worth_more_tomorrow() -> None:
    town = Sandbox(seed=5, customers=4, now=NOW, defects={"F20": 1, "F51": 1}, twins=False)
    before = {truth.class_: truth.money_minor for truth in town.truths}
    town.advance(timedelta(days=3))
    after = {truth.class_: truth.money_minor for truth in town.truths}
    assert after["F20"] > before["F20"]
    assert after["F51"] == before["F51"]


def test_a_class_nobody_can_make_is_refused() -> None:
    with pytest.raises(KeyError):
        Sandbox(seed=1, customers=2, now=NOW, defects={"F999": 1})
