"""One record in every system: found by any id, told in order, and quickly."""

import io
import time
from datetime import timedelta

import pytest
from rich.console import Console
from sqlalchemy import text

from sync_assets.integrity.richest import richest_story
from sync_assets.integrity.telling import tell
from sync_assets.integrity.trace import Trace, trace
from sync_assets.model.errors import SettingError
from sync_assets_tests.reconcile.books import SYSTEMS, Books


def _traced(books: Books, wanted: str, entity: str = "invoice") -> Trace:
    return trace(books.store, entity, wanted, SYSTEMS)


def _told(found: Trace) -> str:
    out = Console(width=120, record=True, file=io.StringIO())
    tell(found, out)
    return out.export_text()


@pytest.mark.parametrize("wanted", ["1042", "chargebee:1042", "netsuite:900", "900"])
def test_any_systems_id_or_number_finds_every_copy(expanded: Books, wanted: str) -> None:
    found = _traced(expanded, wanted)
    assert [(copy["system"], copy["record_id"]) for copy in found.copies] == [
        ("chargebee", "1042"),
        ("netsuite", "900"),
    ]


@pytest.mark.parametrize("wanted", ["ch_1", "pi_1", "txn_1", "stripe:ch_1"])
def test_a_payment_is_found_by_what_the_processor_calls_the_charge_or_its_intent(books: Books, wanted: str) -> None:
    paid = {"kind": "payment", "status": "succeeded", "amount_minor": 11_900, "currency": "EUR"}
    books.put("stripe", "payment", "ch_1", processor_reference="ch_1", intent_id="pi_1", **paid)
    books.put("chargebee", "payment", "txn_1", processor_reference="pi_1", copy_of="payments:pi_1", **paid)
    books.put("netsuite", "payment", "800", copy_of="billing:txn_1", **paid)
    found = _traced(books, wanted, "payment")
    assert [copy["record_id"] for copy in found.copies] == ["txn_1", "800", "ch_1"]


@pytest.mark.parametrize("wanted", ["001Sh000000002S", "001Sh000000002SIAQ", "salesforce:001Sh000000002S"])
def test_an_account_is_found_by_either_form_of_its_salesforce_id(books: Books, wanted: str) -> None:
    books.put("salesforce", "customer", "001Sh000000002SIAQ", name="Acme", status="active")
    assert [copy["record_id"] for copy in _traced(books, wanted, "customer").copies] == ["001Sh000000002SIAQ"]


def test_the_first_divergence_is_that_of_a_break_that_is_still_open(expanded: Books) -> None:
    expanded.erp_invoice("900", "1042", total_minor=11_800)
    expanded.judge()
    expanded.erp_invoice("900", "1042")
    expanded.judge()
    found = _traced(expanded, "1042")
    assert [(row["class"], row["closed_at"] is None) for row in found.breaks if row["class"] in {"F17", "F50"}] == [
        ("F50", False),
        ("F17", True),
    ]
    told = found.as_documented()["first_divergence"]
    assert told == next(row for row in found.breaks if row["class"] == "F17")["first_divergence"]


def test_an_internal_id_of_the_erp_that_is_another_invoices_number_brings_no_stranger(expanded: Books) -> None:
    expanded.invoice("77")
    # the ERP happens to keep its copy of invoice 77 under the internal id 1042
    expanded.erp_invoice("1042", "77")
    found = _traced(expanded, "1042")
    assert [(copy["system"], copy["record_id"]) for copy in found.copies] == [
        ("chargebee", "1042"),
        ("netsuite", "900"),
    ]
    other = _traced(expanded, "77")
    assert [(copy["system"], copy["record_id"]) for copy in other.copies] == [("chargebee", "77"), ("netsuite", "1042")]


def test_the_timeline_tells_of_the_sale_its_late_arrival_the_stale_invoice_and_the_credit_by_hand(
    expanded: Books,
) -> None:
    expanded.judge()
    found = _traced(expanded, "1042")
    assert [(event["system"], event["event"]) for event in found.timeline] == [
        ("chargebee", "subscription s1 begins: 20 x 5 EUR"),
        ("salesforce", "order accepted: 20 x 5 EUR (order O1)"),
        ("salesforce", "amendment accepted: 15 x 5 EUR (order O2)"),
        ("product", "1 calls events meanwhile: 40 used"),
        ("chargebee", "subscription s1 becomes 35 x 5 EUR, was 20 x 5 EUR"),
        ("chargebee", "invoice 1042 issued over 119.00 EUR, drawn from 20 x 5 EUR"),
        (
            "chargebee",
            "F17 Invoiced from the contract before its upgrade at billing: expected 35 at 5, found 20 at 5",
        ),
        ("netsuite", "document 900 posted for invoice 1042 over 119.00 EUR"),
        ("netsuite", "credit memo CM-9 over 119.00 EUR by hand: billing has no credit note for it"),
    ]
    ats = [event["at"] for event in found.timeline]
    assert ats == sorted(ats)


def test_the_screen_shows_amounts_with_their_currency_the_hop_and_the_owner(expanded: Books) -> None:
    expanded.judge()
    lines = _told(_traced(expanded, "1042")).splitlines()
    assert any(line.split() == ["total", "119.00", "EUR", "119.00", "EUR"] for line in lines)
    (marked,) = [line for line in lines if line.startswith(">>")]
    assert "F17" in marked
    # 15 seats at 5.00 EUR were not billed
    assert "F17 at billing (open, 75.00 EUR LEAK, RevOps)" in lines[-1]
    assert len(lines) < 40


def test_the_same_contract_is_told_from_its_deal_and_its_subscription(expanded: Books) -> None:
    for entity, wanted in (("subscription", "s1"), ("order", "o2")):
        said = [event["event"] for event in _traced(expanded, wanted, entity).timeline]
        assert "amendment accepted: 15 x 5 EUR (order O2)" in said
        assert "subscription s1 becomes 35 x 5 EUR, was 20 x 5 EUR" in said


def test_what_a_copy_was_before_is_told_by_what_changed(expanded: Books) -> None:
    with expanded.store.begin() as connection:
        columns = "system, record_id, version_id, run_id, observed_at, version_at, change_id, status, total_minor"
        connection.execute(
            text(f"""
            INSERT INTO canonical.invoice_history ({columns}, known_to, from_record_id, is_void, customer_id, currency)
            SELECT system, record_id, 0, 'before', observed_at - interval '1 day', version_at - interval '1 day', 0,
                'draft', 1, observed_at, from_record_id, is_void, customer_id, currency
            FROM canonical.invoice WHERE record_id = '1042'""")
        )
    changed = [event for event in _traced(expanded, "1042").timeline if event["event"] == "changed"]
    assert changed[0]["changes"]["status"] == ["draft", "open"]
    assert changed[0]["changes"]["total_minor"] == [1, 11_900]


def test_names_and_addresses_are_never_shown(books: Books) -> None:
    books.put("chargebee", "customer", "c1", name="Ada Lovelace", email="ada@example.com", status="active")
    found = _traced(books, "c1", "customer")
    assert "Ada" not in str(found.as_documented())
    assert "ada@" not in _told(found)


def test_an_unknown_record_or_entity_is_named(books: Books) -> None:
    with pytest.raises(SettingError, match="No invoice is known as 1042"):
        _traced(books, "1042")
    with pytest.raises(SettingError, match="no entity receipt"):
        _traced(books, "1042", "receipt")


def test_the_documented_form_points_to_the_first_divergence(expanded: Books) -> None:
    expanded.judge()
    found = _traced(expanded, "1042").as_documented()
    assert list(found) == ["entity", "copies", "timeline", "breaks", "first_divergence"]
    assert found["first_divergence"]["hop"] == "billing"
    assert [row["class"] for row in found["breaks"]] == ["F17"]


def test_a_trace_among_many_invoices_takes_less_than_a_second(expanded: Books) -> None:
    with expanded.store.begin() as connection:
        connection.execute(
            text("""
            INSERT INTO canonical.invoice (system, record_id, from_record_id, version_id, run_id, observed_at,
                version_at, change_id, customer_id, status, is_void, currency, total_minor, number, copy_of)
            SELECT CASE n % 2 WHEN 0 THEN 'chargebee' ELSE 'netsuite' END, 'x' || n, 'x' || n, 1, 'r', now(), now(),
                nextval('canonical.change'), 'c' || n % 1000, 'open', false, 'EUR', n, 'x' || n,
                CASE n % 2 WHEN 1 THEN 'billing:x' || n - 1 END
            FROM generate_series(1, 30000) n""")
        )
        connection.execute(text("ANALYZE canonical.invoice"))
    started = time.monotonic()
    found = _traced(expanded, "1042")
    assert time.monotonic() - started < 1
    assert len(found.copies) == 2


def test_the_richest_story_is_the_break_around_which_most_happened(expanded: Books) -> None:
    # an invoice that never reached the ERP: worth ten times as much, but one event in one system
    expanded.invoice("2000", total_minor=1_190_000, subtotal_minor=10_000, tax_minor=1_180_000)
    expanded.judge()
    assert {"F17", "F51"} <= {row["class"] for row in expanded.breaks()}
    found = richest_story(expanded.store, SYSTEMS)
    assert found is not None
    assert found.copies[0]["record_id"] == "1042"


def test_without_an_open_break_there_is_no_story(books: Books) -> None:
    books.through += timedelta(hours=1)
    assert richest_story(books.store, SYSTEMS) is None


def test_what_is_late_is_told_as_late_with_what_shows_it(books: Books) -> None:
    books.invoice("1042")
    books.put(
        "netsuite", "invoice", "900", copy_of="billing:1042", customer_id="7", status="open", is_void=False,
        is_posted=False, currency="EUR", total_minor=11_900,
    )  # fmt: skip
    books.judge()
    told = _told(_traced(books, "1042"))
    assert "F75 at erp->ledger (late, 119.00 EUR MISSTATE, finance)" in told
    assert "It is late and on its way: the ERP has it as not posted yet." in " ".join(told.split())
