"""Stripe's oddities met end to end: a feed of thirty days, older shapes, deleted cursors, rate limits."""

import pytest

from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.stripe_account import PAYERS, account, paid, paid_out, refunded


def test_a_silence_longer_than_the_feed_leads_to_a_full_read_that_loses_nothing(play: Play) -> None:
    scene = play(account)
    scene.read()
    scene.clock.advance(days=2)
    refunded(scene.vendor, "060")
    paid(scene.vendor, "new")
    paid_out(scene.vendor, "po_2", ["060", "061"])
    scene.clock.advance(days=40)
    kinds = {
        stream.name: outcome.window.kind
        for stream, outcome in zip(scene.system.streams, scene.read(), strict=True)
        if outcome.window
    }
    assert set(kinds.values()) == {"full"}
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("payment", "ch_060")["status"] == "refunded"
    assert scene.copy("settlement", "txn_061")["payout_id"] == "po_2"


@pytest.mark.parametrize("version", ["2018-02-28", "2022-08-01", "2024-06-20", "2025-02-24.acacia"])
def test_events_in_an_older_shape_lead_to_the_object_as_it_is_now(play: Play, version: str) -> None:
    scene = play(account)
    scene.read("charges", "payment_intents", "refunds")
    scene.vendor.quirks.event_version = version
    scene.vendor.quirks.account_version = version
    scene.clock.advance(hours=2)
    paid(scene.vendor, "new")
    refunded(scene.vendor, "070")
    scene.clock.advance(minutes=1)
    scene.read("charges", "payment_intents", "refunds")
    assert scene.differences("charges", "payment_intents", "refunds") == {}
    scene.conform()
    assert scene.copy("payment", "ch_070")["refunded_minor"] == "11900"


def test_a_cursor_whose_object_is_deleted_loses_no_other(play: Play) -> None:
    scene = play(account)

    def happen(page: int) -> None:
        if page == 1:
            # The last object of the first page: a hundred of 130 come newest first, so the page ends with the 31st.
            scene.vendor.delete("customers", "cus_030")

    scene.meanwhile("/customers", happen)
    scene.read("customers")
    scene.disturb()
    scene.clock.advance(minutes=1)
    scene.read("customers")
    assert scene.differences("customers") == {}


def test_a_rate_limit_is_obeyed_and_nothing_is_lost(play: Play) -> None:
    scene = play(account)
    scene.vendor.quirks.rate_limit, scene.vendor.quirks.rate_window_s = 4, 60
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        scene.vendor.quirks.rate_limit += 4

    scene.wait = wait  # type: ignore[method-assign]
    scene.read()
    assert scene.differences() == {}
    # Stripe names no time, so the first wait is a random share of half a second.
    assert waits
    assert max(waits) <= 0.5


def test_a_customer_whose_events_are_gone_is_found_changed_by_a_full_read(play: Play) -> None:
    scene = play(account)
    for _ in range(2):
        scene.read("customers")
        scene.clock.advance(hours=1)
    scene.vendor.put("customers", {"id": "cus_003", "name": "Silent"}, event="")
    scene.clock.advance(minutes=1)
    scene.read("customers")
    assert scene.count("raw.version") == PAYERS
    scene.read("customers", mode="full")
    scene.conform()
    assert scene.copy("customer", "cus_003")["name"] == "Silent"


def test_an_entry_whose_payout_failed_belongs_to_the_next_payout(play: Play) -> None:
    scene = play(account)
    scene.read("balance_transactions", "payouts")
    scene.clock.advance(days=2)
    scene.vendor.put("payouts", {"id": "po_1", "status": "failed"})
    paid_out(scene.vendor, "po_2", ["003"])
    scene.clock.advance(minutes=1)
    scene.read("balance_transactions", "payouts")
    scene.conform()
    assert scene.copy("settlement", "txn_003")["payout_id"] == "po_2"
    assert scene.copy("payout", "po_1")["status"] == "failed"
