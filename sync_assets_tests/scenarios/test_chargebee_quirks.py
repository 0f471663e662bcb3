"""Chargebee's oddities met end to end: absent stamps, offsets that expire, rate limits, long invoices, late clocks."""

from datetime import timedelta

from sync_assets_tests.scenarios.chargebee_site import CUSTOMERS, sign_up, site
from sync_assets_tests.scenarios.conftest import Play


def test_records_without_a_stamp_are_read_at_first_and_found_again_by_a_full_read(play: Play) -> None:
    scene = play(site)
    scene.vendor.quirks.null_updated_at = 1
    sign_up(scene.vendor, "dateless")
    scene.clock.advance(minutes=1)
    scene.read()
    assert scene.differences() == {}
    scene.clock.advance(hours=1)
    sign_up(scene.vendor, "later")
    scene.clock.advance(minutes=1)
    scene.read()
    # Transactions are also asked for by their date; no filter can see the others until they change.
    unseen = {"customers": "clater", "subscriptions": "slater", "invoices": "INV-later"}
    assert scene.differences() == {name: ([record_id], []) for name, record_id in unseen.items()}
    scene.read(mode="full")
    assert scene.differences() == {}


def test_offsets_that_expire_between_two_pages_start_the_list_again(play: Play) -> None:
    scene = play(site)
    scene.vendor.quirks.offsets_valid_s = 60
    expiring = [1, 2]

    def happen(page: int) -> None:
        if page in expiring:
            scene.clock.advance(minutes=2)

    scene.meanwhile("/customers", happen)
    scene.read("customers")
    assert scene.differences("customers") == {}
    assert scene.count("raw.version") == CUSTOMERS


def test_a_rate_limit_is_obeyed_and_nothing_is_lost(play: Play) -> None:
    scene = play(site)
    scene.vendor.quirks.rate_limit, scene.vendor.quirks.rate_window_s = 5, 60
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        scene.age_budget(seconds)
        scene.vendor.quirks.rate_limit += 5

    scene.wait = wait  # type: ignore[method-assign]
    scene.read()
    assert scene.differences() == {}
    # Chargebee says how long: until its minute is over.
    assert waits
    assert all(40 <= seconds <= 60 for seconds in waits)


def test_an_invoice_with_more_lines_than_a_list_shows_is_read_whole(play: Play) -> None:
    scene = play(site)
    lines = [{"id": f"line{n}", "amount": 1, "entity_type": "adhoc"} for n in range(230)]
    scene.vendor.put(
        "invoices", {"id": "long", "customer_id": "c000", "currency_code": "EUR", "total": 230, "line_items": lines}
    )
    scene.clock.advance(minutes=1)
    scene.read("invoices")
    scene.conform()
    assert scene.count("canonical.invoice_line", "invoice_id = 'long'") == 230


def test_changes_that_do_not_move_the_stamp_are_found_by_a_full_read(play: Play) -> None:
    scene = play(site)
    scene.read("customers")
    scene.clock.advance(hours=1)
    scene.vendor.quirks.repeat_stamps = True
    scene.vendor.put("customers", {"id": "c003", "company": "Unseen"})
    scene.clock.advance(minutes=1)
    scene.read("customers", mode="full")
    scene.conform()
    assert scene.copy("customer", "c003")["name"] == "Unseen"


def test_stamps_of_a_clock_that_is_ahead_lose_no_record(play: Play) -> None:
    scene = play(site)
    scene.read("customers")
    scene.clock.advance(hours=1)
    scene.vendor.quirks.stamp_skew_s = 300
    scene.vendor.put("customers", {"id": "ahead", "company": "Ahead"})
    scene.clock.advance(minutes=1)
    scene.read("customers")
    scene.clock.advance(minutes=10)
    scene.read("customers")
    assert scene.differences("customers") == {}


def test_usage_dated_ahead_or_long_ago_is_read_when_it_changes(play: Play) -> None:
    scene = play(site)
    scene.read("usages")
    scene.clock.advance(hours=1)
    now = scene.clock.now()
    for name, used_at in {"ahead": now + timedelta(days=3), "old": now - timedelta(days=400)}.items():
        usage = {"id": name, "subscription_id": "s001", "item_price_id": "plan-EUR", "quantity": "2"}
        scene.vendor.put("usages", {**usage, "usage_date": int(used_at.timestamp())})
    scene.clock.advance(minutes=1)
    scene.read("usages")
    assert scene.differences("usages") == {}


def test_a_longer_silence_than_any_overlap_loses_no_deletion(play: Play) -> None:
    scene = play(site)
    scene.read()
    scene.clock.advance(days=20)
    scene.vendor.delete("item_prices", "plan-EUR")
    scene.clock.advance(days=60)
    scene.read()
    assert scene.differences() == {}
