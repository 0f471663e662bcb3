"""A company that calls its fields otherwise changes a setting: read through HTTP, stored and mapped."""

import pytest

from sync_assets.model.errors import SettingError
from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.chargebee import Chargebee
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets.sandbox.vendors.stripe import Stripe
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.netsuite_account import masters
from sync_assets_tests.scenarios.salesforce_org import made

ACCOUNT = "001Rr0000000001IAA"


def _site(clock: Clock) -> Chargebee:
    vendor = Chargebee(clock=clock, seed=2)
    vendor.put("customers", {"id": "c1", "cf_sf_account": ACCOUNT, "cf_channel": "self_serve"})
    clock.advance(minutes=1)
    return vendor


def test_the_fields_of_billing_that_name_account_and_source_are_settings(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = play(_site)
    monkeypatch.setenv("SYNC_CHARGEBEE_ACCOUNT_FIELD", "cf_sf_account")
    monkeypatch.setenv("SYNC_CHARGEBEE_SOURCE_FIELD", "cf_channel")
    scene.read("customers")
    scene.conform()
    copy = scene.copy("customer", "c1")
    assert (copy["copy_of"], copy["origin"]) == (f"crm:{ACCOUNT}", "self_serve")


def test_a_name_that_no_field_can_have_is_refused(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = play(_site)
    monkeypatch.setenv("SYNC_CHARGEBEE_ACCOUNT_FIELD", "cf_x'; DROP TABLE x")
    scene.read("customers")
    with pytest.raises(SettingError, match="SYNC_CHARGEBEE_ACCOUNT_FIELD must be made of letters"):
        scene.conform()


def test_the_field_of_the_crm_with_the_tax_id_is_asked_for_by_its_name(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []

    def org(clock: Clock) -> Salesforce:
        vendor = Salesforce(clock=clock, seed=2)
        ids.append(made(vendor, "accounts", Name="A", CurrencyIsoCode="EUR", Legal_Name__c="DE1"))
        clock.advance(minutes=1)
        return vendor

    scene = play(org)
    monkeypatch.setenv("SYNC_SALESFORCE_TAX_ID_FIELD", "Legal_Name__c")
    scene.read("accounts")
    scene.conform()
    assert scene.copy("customer", ids[0])["tax_id"] == "DE1"


def test_terms_that_a_deal_keeps_in_fields_of_the_company_are_read_once_named(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = []

    def org(clock: Clock) -> Salesforce:
        vendor = Salesforce(clock=clock, seed=2)
        account = made(vendor, "accounts", Name="A", CurrencyIsoCode="EUR")
        deal = {"Name": "D", "AccountId": account, "StageName": "Won", "CloseDate": "2026-01-31", "Amount": "12.5"}
        ids.append(made(vendor, "opportunities", CurrencyIsoCode="EUR", IsWon=True, IsClosed=True, **deal))
        clock.advance(minutes=1)
        return vendor

    scene = play(org)
    monkeypatch.setenv("SYNC_SALESFORCE_UPLIFT_DATE_FIELD", "CloseDate")
    monkeypatch.setenv("SYNC_SALESFORCE_UPLIFT_PERCENT_FIELD", "Amount")
    scene.read("opportunities")
    scene.conform()
    copy = scene.copy("order", ids[0])
    assert (copy["uplift_on"], str(copy["uplift_percent"])) == ("2026-01-31", "12.5")
    assert copy.get("accepted_on") is None


def test_the_metadata_of_a_payer_that_names_its_billing_customer_is_a_setting(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    def account(clock: Clock) -> Stripe:
        vendor = Stripe(clock=clock, seed=2)
        vendor.put("customers", {"id": "cus_1", "metadata": {"cb_id": "c1"}})
        clock.advance(minutes=1)
        return vendor

    scene = play(account)
    monkeypatch.setenv("SYNC_STRIPE_CUSTOMER_FIELD", "cb_id")
    scene.read("customers")
    scene.conform()
    assert scene.copy("customer", "cus_1")["copy_of"] == "billing:c1"


def test_how_external_ids_of_the_erp_begin_is_a_setting(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    def account(clock: Clock) -> NetSuite:
        vendor = NetSuite(clock=clock, seed=2)
        masters(vendor)
        vendor.put("customer", {"id": 77, "companyname": "A", "subsidiary": 1, "externalid": "cb.c1"})
        clock.advance(minutes=1)
        return vendor

    scene = play(account)
    monkeypatch.setenv("SYNC_NETSUITE_CUSTOMER_PREFIX", "cb.")
    scene.read("customer")
    scene.conform()
    assert scene.copy("customer", "77")["copy_of"] == "billing:c1"
