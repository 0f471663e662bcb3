"""NetSuite's oddities met end to end: zones, clock changes, limits, expiring tokens, roles that see less."""

from datetime import UTC, datetime, timedelta

import pytest

from sync_assets.sandbox import faults
from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.netsuite_account import PAGE, account, invoiced, masters
from sync_assets_tests.scenarios.scene import Scene


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "UTC", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize("is_named", [True, False])
def test_an_account_in_any_zone_is_read_without_loss(
    play: Play, monkeypatch: pytest.MonkeyPatch, zone: str, *, is_named: bool
) -> None:
    scene = play(lambda clock: account(clock, time_zone=zone))
    if is_named:
        monkeypatch.setenv("SYNC_NETSUITE_TIME_ZONE", zone)
    scene.read("customer", "transaction")
    scene.clock.advance(hours=7)
    invoiced(scene.vendor, 800)
    changed_at = scene.clock.now()
    scene.clock.advance(minutes=1)
    scene.read("customer", "transaction")
    assert scene.differences("customer", "transaction") == {}
    scene.conform()
    assert scene.copy("customer", "800")["version_at"] == changed_at.isoformat()


@pytest.mark.parametrize("before", [datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2027, 3, 14, 6, tzinfo=UTC)])
def test_no_record_is_lost_in_the_night_in_which_the_clocks_change(play: Play, before: datetime) -> None:
    def quiet(clock: Clock) -> NetSuite:
        vendor = NetSuite(clock=clock, seed=1)
        masters(vendor)
        return vendor

    scene = play(quiet)
    scene.clock.set(before)
    scene.read("customer")
    # The clocks of the Pacific zone change at 9:00 and 10:00 UTC. A customer every 20 minutes, read every hour.
    for step in range(24):
        scene.clock.advance(minutes=20)
        scene.vendor.put("customer", {"id": 100 + step, "companyname": "Nightly", "subsidiary": 1})
        if step % 3 == 2:
            scene.clock.advance(seconds=5)
            scene.read("customer")
            assert scene.differences("customer") == {}


def test_a_token_that_is_refused_is_fetched_again(play: Play) -> None:
    scene = play(account)
    scene.vendor.quirks.token_seconds = 5

    def happen(_page: int) -> None:
        scene.clock.advance(seconds=2)

    scene.meanwhile("suiteql", happen)
    scene.read("customer", "transactionline")
    assert scene.differences("customer", "transactionline") == {}


def test_the_token_based_login_reads_the_same(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = play(account)
    for name in scene.vendor.settings(scene.server.url):
        monkeypatch.delenv(name)
    for name, value in scene.vendor.token_settings(scene.server.url).items():
        monkeypatch.setenv(name, value)
    scene.read()
    assert scene.differences() == {}


def test_columns_and_tables_that_the_role_does_not_see_are_left_out(play: Play) -> None:
    scene = play(account)
    scene.vendor.quirks.hidden_columns = frozenset({"transaction.approvalstatus", "customer.vatregnumber"})
    scene.vendor.quirks.hidden_tables = frozenset({"term", "deletedrecord", "entityaddress"})
    names = [stream.name for stream in scene.system.streams if stream.name != "term"]
    for _ in range(2):
        scene.read(*names)
        assert scene.differences(*names) == {}
        scene.clock.advance(hours=2)
        invoiced(scene.vendor, 801)
        scene.clock.advance(minutes=1)


@pytest.mark.parametrize("code", ["CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED"])
@pytest.mark.parametrize("status", [429, 400])
def test_a_busy_account_is_waited_for(play: Play, code: str, status: int) -> None:
    scene = play(account)
    busy = faults.refuse(scene.vendor, status, code)
    scene.disturb(faults.only("suiteql", faults.first(3, busy)))
    scene.read("customer")
    assert scene.differences("customer") == {}
    assert len(scene.slept) == 3


def test_an_account_with_other_date_formats_is_read_alike(play: Play) -> None:
    scene = play(account)
    scene.vendor.account.date_format = "DD.MM.YYYY"
    scene.read()
    scene.conform()
    assert scene.differences() == {}
    assert scene.copy("invoice", "1001")["issued_on"] == "2026-05-04"


def test_more_deletions_than_a_page_holds_all_arrive(play: Play) -> None:
    scene = play(account)
    for number in range(5000, 5000 + 2 * PAGE + 5):
        scene.vendor.put("customer", {"id": number, "companyname": "Brief"})
    scene.read("customer")
    scene.clock.advance(hours=2)
    for number in range(5000, 5000 + 2 * PAGE + 5):
        scene.vendor.delete("customer", str(number))
    scene.clock.advance(minutes=1)
    scene.read("customer")
    assert scene.differences("customer") == {}


def test_a_first_read_leaves_out_ledger_entries_before_its_start(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    scene: Scene = play(account)
    day = scene.clock.now() + timedelta(days=1)
    monkeypatch.setenv("SYNC_NETSUITE_START", f"{day:%Y-%m-%d}")
    scene.read("transactionaccountingline", "transaction")
    assert scene.differences("transaction") == {}
    assert scene.count("raw.head", "record_id LIKE '%-1'") == 0


@pytest.mark.parametrize("mode", ["sync", "full"])
def test_a_line_that_left_a_standing_document_leaves_the_copies_too(play: Play, mode: str) -> None:
    names = ("transaction", "transactionline", "transactionaccountingline")
    scene = play(account)
    scene.read(*names)
    scene.clock.advance(hours=2)
    scene.vendor.delete("transactionline", "1007-1")
    scene.vendor.delete("transactionaccountingline", "1007-1-1")
    scene.vendor.put("transaction", {"id": 1007, "foreigntotal": "0.00"})
    scene.clock.advance(minutes=1)
    scene.read(*names, mode=mode)
    assert scene.differences(*names) == {}
    # each of the 60 documents had two lines, and two lines of the ledger
    gone = scene.rows("record_id, is_deleted", "raw.head", "WHERE is_deleted ORDER BY 1")
    assert gone == [("1007-1", True), ("1007-1-1", True)]
