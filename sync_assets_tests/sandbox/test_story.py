"""The story of the demo: a deal expanded in mid-term, heard of late, invoiced and posted from the old contract."""

from datetime import UTC, datetime, timedelta

import pytest

from sync_assets.sandbox.town import Sandbox
from sync_assets_tests.sandbox.towns import find, rows

# Midnights in New York, Berlin and Tokyo lie 5, 23 and 15 hours into a UTC day: any hour must work.
INSTANTS = [datetime(2026, 2, 28, hour, tzinfo=UTC) for hour in (0, 6, 13, 20)]


@pytest.mark.parametrize("now", INSTANTS)
def test_the_day_tells_the_story_in_order(now: datetime) -> None:
    town = Sandbox(seed=2, customers=5, now=now, defects={}, twins=False)
    assert town.truths == []
    town.day_of_business()
    assert town.clock.now() == now + timedelta(days=1)
    protagonist = town.company.protagonist
    assert protagonist is not None
    (truth,) = [truth for truth in town.truths if truth.customer == protagonist.billing_id]
    assert (truth.class_, truth.hop, truth.kind) == ("F17", "billing", "LEAK")

    invoice = find(town, "chargebee", "invoices", truth.records[0].record_id) or {}
    subscription = find(town, "chargebee", "subscriptions", truth.records[1].record_id) or {}
    opportunity = subscription["cf_salesforce_opportunity_id"]
    amendment = max(
        (row for row in rows(town, "salesforce", "orders") if row["OpportunityId"][:15] == opportunity[:15]),
        key=lambda row: row["CreatedDate"],
    )
    expanded_at = datetime.fromisoformat(amendment["CreatedDate"]).timestamp()
    heard_at = next(
        row["occurred_at"]
        for row in reversed(rows(town, "chargebee", "events"))
        if row["event_type"] == "subscription_changed" and row["content"]["subscription"]["id"] == subscription["id"]
    )
    posting, memo = (
        row
        for row in rows(town, "netsuite", "transaction")
        if row.get("externalid") == f"chargebee_invoice_{invoice['id']}" or row["tranid"] == f"CM-{invoice['id']}-M"
    )
    line = invoice["line_items"][0]
    instants = [
        expanded_at,
        heard_at,
        line["date_from"],
        invoice["generated_at"],
        posting["createddate"].timestamp(),
        memo["createddate"].timestamp(),
        (now + timedelta(days=1)).timestamp(),
    ]
    assert instants == sorted(instants)
    # 15 seats were added to 20, at 90 % of the list price.
    assert (line["quantity"], subscription["subscription_items"][0]["quantity"]) == (20, 35)
    assert truth.money_minor == 15 * line["unit_amount"]
    assert memo["type"] == "CustCred"
    assert memo.get("externalid") is None


def test_a_day_brings_new_customers_and_a_handful_of_defects() -> None:
    town = Sandbox(seed=2, customers=20, now=INSTANTS[1], defects={}, twins=False)
    before = len(rows(town, "chargebee", "customers"))
    town.day_of_business()
    classes = [truth.class_ for truth in town.truths]
    assert "F51" in classes
    assert 5 <= len(classes) == len(set(classes)) <= 7
    assert len(rows(town, "chargebee", "customers")) >= before + 8  # three newcomers and the defects' own
    assert {benign.kind for benign in town.benign} == {"in_flight"}


def test_the_story_is_told_once() -> None:
    town = Sandbox(seed=2, customers=5, now=INSTANTS[0], defects={}, twins=False)
    town.day_of_business()
    town.day_of_business()
    assert [truth.class_ for truth in town.truths].count("F17") == 1


def test_a_day_that_begins_after_the_turn_has_no_story() -> None:
    town = Sandbox(seed=2, customers=5, now=INSTANTS[0], defects={}, twins=False)
    town.advance(timedelta(days=2))
    town.day_of_business()
    assert "F17" not in [truth.class_ for truth in town.truths]
