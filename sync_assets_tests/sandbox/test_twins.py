"""What looks broken and is right is really there, and the books agree all the same."""

from datetime import timedelta
from typing import Any

import pytest

from sync_assets.sandbox.defects.twins import TWINS
from sync_assets.sandbox.town import Sandbox
from sync_assets_tests.sandbox.towns import NOW, clean_town, find, rows


def seen(kind: str) -> list[tuple[Sandbox, dict[str, Any], str]]:
    """(town, record, customer) of the twins of a kind in three towns."""
    found = []
    for seed in (3, 4, 5):
        town = clean_town(seed)
        for benign in town.benign:
            if benign.kind == kind:
                record = benign.records[0]
                row = find(town, record.system, record.stream, record.record_id) or {}
                assert row or kind == "draft_deleted"
                found.append((town, row, benign.customer))
    assert len(found) >= 3
    return found


def test_every_kind_is_there_in_every_town() -> None:
    for seed in (3, 4, 5):
        kinds = {benign.kind for benign in clean_town(seed).benign}
        assert kinds == {*TWINS, "in_flight"}


def test_credit_explains_why_less_is_due() -> None:
    for _, invoice, _ in seen("credit_explains_due"):
        applied = sum(each["applied_amount"] for each in invoice["applied_credits"])
        assert applied == invoice["credits_applied"] > 0
        assert invoice["amount_paid"] + applied == invoice["total"]


def test_failed_attempts_make_linked_payments_exceed_what_was_paid() -> None:
    for _, invoice, _ in seen("failed_attempts"):
        attempts = [each["txn_status"] for each in invoice["linked_payments"]]
        assert attempts == ["failure", "failure", "success"]
        assert sum(each["applied_amount"] for each in invoice["linked_payments"]) == 3 * invoice["amount_paid"]


def test_a_renewed_subscription_starts_on_the_day_the_old_one_ends() -> None:
    for town, new, customer in seen("overlapping_renewal"):
        old = min(
            (row for row in rows(town, "chargebee", "subscriptions") if row["customer_id"] == customer),
            key=lambda row: row["created_at"],
        )
        assert old["cancelled_at"] == new["started_at"]
        assert old["cf_salesforce_opportunity_id"] != new["cf_salesforce_opportunity_id"]


def test_the_day_in_the_erp_is_the_legal_entitys() -> None:
    for town, invoice, _ in seen("time_zone_day"):
        (copy,) = [
            row
            for row in rows(town, "netsuite", "transaction")
            if row.get("externalid") == f"chargebee_invoice_{invoice['id']}"
        ]
        # Midnight in Tokyo is 15:00 of the day before in UTC.
        assert copy["trandate"].toordinal() == invoice["date"] // 86_400 + 719_163 + 1


def test_nothing_is_due_or_posted_for_an_invoice_over_nothing() -> None:
    for town, invoice, _ in seen("zero_invoice"):
        assert (invoice["total"], invoice["amount_due"], invoice["status"]) == (0, 0, "paid")
        assert invoice["sub_total"] > 0
        held = {row.get("externalid") for row in rows(town, "netsuite", "transaction")}
        assert f"chargebee_invoice_{invoice['id']}" not in held


def test_customers_who_signed_up_alone_say_so_and_have_no_account() -> None:
    for _, customer, _ in seen("self_serve"):
        assert customer["cf_source"] == "self_serve"
        assert "cf_salesforce_account_id" not in customer


def test_short_ids_are_the_first_fifteen_characters_of_the_account() -> None:
    for town, customer, _ in seen("short_id"):
        short = customer["cf_salesforce_account_id"]
        assert len(short) == 15
        assert [row for row in rows(town, "salesforce", "accounts") if row["Id"].startswith(short)]


def test_a_corrected_invoice_covers_the_term_of_one_credited_in_full() -> None:
    for town, invoice, customer in seen("credit_and_rebill"):
        assert invoice["amount_adjusted"] == invoice["total"]
        again = [
            row
            for row in rows(town, "chargebee", "invoices")
            if row["customer_id"] == customer and row["date"] == invoice["date"] and row["id"] != invoice["id"]
        ]
        assert [row["total"] for row in again] == [invoice["total"]]


def test_two_contracts_of_one_customer_are_two_deals() -> None:
    for town, _, customer in seen("two_contracts"):
        live = [row for row in rows(town, "chargebee", "subscriptions") if row["customer_id"] == customer]
        assert len({row["cf_salesforce_opportunity_id"] for row in live}) == len(live) == 2


def test_what_is_voided_in_billing_is_voided_in_the_erp() -> None:
    for town, invoice, _ in seen("void_in_both"):
        assert invoice["status"] == "voided"
        (copy,) = [
            row
            for row in rows(town, "netsuite", "transaction")
            if row.get("externalid") == f"chargebee_invoice_{invoice['id']}"
        ]
        assert (copy["voided"], copy["foreigntotal"]) == ("T", 0)


def test_a_deleted_draft_stays_visible_as_deleted_and_nowhere_else() -> None:
    for town, row, customer in seen("draft_deleted"):
        assert row == {}
        (gone,) = [
            version.record
            for version in town.chargebee.shelf.current("invoices", with_deleted=True)
            if version.deleted and version.record["customer_id"] == customer
        ]
        assert (gone["status"], gone["deleted"]) == ("pending", True)
        held = {row.get("externalid") for row in rows(town, "netsuite", "transaction")}
        assert f"chargebee_invoice_{gone['id']}" not in held


def test_a_transfer_has_no_charge() -> None:
    for town, invoice, customer in seen("paid_by_transfer"):
        assert invoice["status"] == "paid"
        payments = [row for row in rows(town, "chargebee", "transactions") if row["customer_id"] == customer]
        assert payments
        assert not any("id_at_gateway" in row for row in payments)


def test_what_is_in_flight_arrives_within_the_hour() -> None:
    town = Sandbox(seed=12, customers=20, now=NOW, defects={})
    records = {benign.records[0].stream: benign.records[0] for benign in town.benign if benign.kind == "in_flight"}
    assert set(records) == {"invoices", "charges", "opportunities"}

    def arrived() -> tuple[bool, bool, bool]:
        posted = {row.get("externalid") for row in rows(town, "netsuite", "transaction")}
        gateway = {row.get("id_at_gateway") for row in rows(town, "chargebee", "transactions")}
        deals = {row.get("cf_salesforce_opportunity_id") for row in rows(town, "chargebee", "subscriptions")}
        charge = find(town, "stripe", "charges", records["charges"].record_id) or {}
        return (
            f"chargebee_invoice_{records['invoices'].record_id}" in posted,
            bool(gateway & {charge["id"], charge["payment_intent"]}),
            records["opportunities"].record_id in deals,
        )

    assert arrived() == (False, False, False)
    town.advance(timedelta(hours=1))
    assert arrived() == (True, True, True)


def test_a_child_that_was_known_before_its_parent_hangs_under_it_in_every_system() -> None:
    town = Sandbox(seed=27, customers=60, now=NOW, defects={})
    (child,) = {benign.customer for benign in town.benign if benign.kind == "family_pays"}
    billed = find(town, "chargebee", "customers", child) or {}
    booked = {row["externalid"]: row for row in rows(town, "netsuite", "customer")}
    parent = billed["relationship"]["parent_id"]
    assert child < parent or booked[f"chargebee_customer_{child}"]["id"] < booked[f"chargebee_customer_{parent}"]["id"]
    assert booked[f"chargebee_customer_{child}"]["parent"] == booked[f"chargebee_customer_{parent}"]["id"]
    account = find(town, "salesforce", "accounts", billed["cf_salesforce_account_id"]) or {}
    assert account["ParentId"]


@pytest.mark.parametrize("kind", ["namesake", "group_in_two_regions"])
def test_companies_of_one_name_have_tax_ids_of_their_own(kind: str) -> None:
    for town, second, _ in seen(kind):
        alike = [row for row in rows(town, "chargebee", "customers") if same_name(row) == same_name(second)]
        assert len({row["vat_number"] for row in alike}) == len(alike) == 2
        regions = {row["business_entity_id"] for row in alike}
        assert len(regions) == (1 if kind == "namesake" else 2)


def same_name(customer: dict[str, Any]) -> str:
    return str(customer["company"]).rpartition(" ")[0]


def test_credit_that_waits_is_free_and_younger_than_a_month() -> None:
    for _, note, _ in seen("credit_waiting"):
        assert note["amount_available"] == note["total"] > 0
        assert NOW.timestamp() - note["date"] < 30 * 86_400


def test_a_discount_in_the_price_shows_nowhere_as_a_discount() -> None:
    for town, subscription, _ in seen("discount_in_the_price"):
        opportunity = subscription["cf_salesforce_opportunity_id"]
        (line,) = [
            row
            for row in rows(town, "salesforce", "opportunity_line_items")
            if row["OpportunityId"][:15] == opportunity[:15]
        ]
        assert not line.get("Discount")
        scale = 1 if subscription["currency_code"] == "JPY" else 100
        assert line["UnitPrice"] * scale == subscription["subscription_items"][0]["unit_price"]


def test_usage_that_got_dearer_is_billed_at_the_price_of_its_own_term() -> None:
    for town, subscription, customer in seen("dearer_from_the_turn"):
        billed = [row for row in rows(town, "chargebee", "invoices") if row["customer_id"] == customer]
        prices = [
            line["unit_amount"]
            for invoice in sorted(billed, key=lambda row: row["date"])
            for line in invoice["line_items"]
            if line["metered"]
        ]
        now = subscription["subscription_items"][-1]["unit_price"]
        assert prices == sorted(prices)
        assert {prices[0], prices[-1]} == {now - 2, now}


def test_events_of_no_meter_are_about_nobody_whom_billing_knows() -> None:
    for town, _, customer in seen("events_of_no_meter"):
        views = [row for row in rows(town, "product", "events") if row["subject"] == f"visitor-{int(customer[3:])}"]
        assert {row["type"] for row in views} == {"page.view"}
        assert len(views) == 4


def test_an_event_that_is_stored_twice_is_billed_once() -> None:
    for town, subscription, customer in seen("stored_twice"):
        all_ = [
            row for row in town.product.platform.settled_events().all() if row.event["subject"] == subscription["id"]
        ]
        keys = {row.key for row in all_}
        assert len(all_) == len(keys) + 1
        billed = [row for row in rows(town, "chargebee", "invoices") if row["customer_id"] == customer]
        lines = [line for invoice in billed for line in invoice["line_items"] if line["metered"]]
        ends_at = max(line["date_to"] for line in lines)
        used = {row.key: row.event["data"]["units"] for row in all_ if row.time.timestamp() < ends_at}
        assert sum(line["quantity"] for line in lines) == sum(used.values())
