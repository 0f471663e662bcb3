"""The graph in motion: real Dagster runs over one small company, killed, doubled, repeated, blocked and mended."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from sync_assets.automation import today
from sync_assets.connect.assets import BACKFILL_TAG, DAYS
from sync_assets.definitions import SYSTEMS
from sync_assets.operate.runs import run_job
from sync_assets.sandbox.wire import Reply, Request
from sync_assets_tests.graph.company import Company, company

pytestmark = pytest.mark.company

CHILD = """
import sys
from sync_assets.automation import sync_tags
from sync_assets.operate.runs import run_job
job, mode, day = sys.argv[1:]
sys.exit(not run_job(job, tags=sync_tags(mode), partition_key=day).is_success)
"""
"""A run in a process of its own, as the daemon or a second person would start it."""


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company read twice, with a day of business in between; one customer's change became visible too late."""
    with company(tmp_path_factory.mktemp("company")) as opened:
        late = opened.sandbox.census()["chargebee"]["customers"][0]
        opened.sandbox.chargebee.put(
            "customers",
            {"id": late, "company": "Seen late"},
            event="",
            visible_at=opened.sandbox.clock.now() + timedelta(hours=26),
        )
        opened.sync()
        opened.sandbox.day_of_business()
        opened.sync()
        yield opened


def materialised(asset: str) -> set[str]:
    with dg.DagsterInstance.get() as instance:
        return set(instance.get_materialized_partitions(dg.AssetKey(asset.split("/"))))


def check_passed(asset: str, name: str) -> bool:
    """The latest evaluation of a check, as the lineage shows it."""
    key = dg.AssetCheckKey(dg.AssetKey(asset.split("/")), name)
    with dg.DagsterInstance.get() as instance:
        (record,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    assert record.event is not None
    assert record.event.dagster_event is not None
    return record.event.dagster_event.asset_check_evaluation_data.passed


def fingerprint(living: Company) -> list[Any]:
    """What a run that has nothing to do must leave as it is."""
    tables = ("raw.version", "raw.head", "canonical.customer", "canonical.invoice", "canonical.invoice_line")
    counts = [living.rows(f"SELECT count(*) FROM {table}") for table in tables]
    changes = living.rows(
        "SELECT max(change_id) FROM canonical.invoice UNION SELECT max(change_id) FROM canonical.payment"
    )
    return [*counts, changes, living.rows("SELECT break_id, closed_at FROM integrity.breaks ORDER BY 1")]


def matched_invoice(living: Company) -> tuple[str, int]:
    """Id and total of a paid billing invoice that the ERP has over the same amount, and about which nothing is open."""
    found = living.rows("""
        SELECT b.record_id, b.total_minor FROM canonical.invoice b
        JOIN canonical.invoice e ON e.copy_of = 'billing:' || b.record_id AND e.total_minor = b.total_minor
        WHERE b.system = 'chargebee' AND b.status = 'paid' AND b.total_minor > 0
            AND NOT EXISTS (SELECT FROM integrity.breaks k WHERE k.entity_id = 'chargebee:' || b.record_id)
        ORDER BY b.record_id LIMIT 1
    """)
    return str(found[0][0]), int(found[0][1])


def child(job: str, mode: str, day: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", CHILD, job, mode, day], env={**os.environ})


def test_a_sync_materialises_the_day_on_which_its_window_ends(living: Company) -> None:
    now = living.sandbox.clock.now()
    assert materialised("raw/chargebee/customers") == {today(now - timedelta(days=1)), today(now)}


def test_every_list_and_copy_has_its_gate_decided(living: Company) -> None:
    decided = {asset for (asset,) in living.rows("SELECT DISTINCT asset FROM sync.gate WHERE check_name = 'gate'")}
    lists = {f"raw/{system.name}/{stream.name}" for system in SYSTEMS for stream in system.streams}
    copies = {
        f"canonical/{system.name}/{mapped.entity}"
        for system in SYSTEMS
        for stream in system.streams
        for mapped in stream.mappings
    }
    assert decided == lists | copies
    assert living.rows("SELECT asset FROM sync.gate WHERE outcome = 'blocked'") == []


@pytest.mark.parametrize("asset", ["raw/chargebee/invoices", "canonical/chargebee/invoice"])
def test_an_asset_says_what_it_read_how_far_and_what_waits_for_a_person(living: Company, asset: str) -> None:
    assert living.place
    with dg.DagsterInstance.get() as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(asset.split("/")))
    assert event is not None
    assert event.asset_materialization is not None
    told = event.asset_materialization.metadata
    assert {"rows read", "rows changed", "complete through", "lateness", "dead letters", "schema findings"} <= set(told)
    assert str(told["lateness"].value).endswith(" s at most, as measured")
    assert str(told["complete through"].value).startswith("20")


def test_a_second_run_changes_nothing(living: Company) -> None:
    before = fingerprint(living)
    living.sync("chargebee", "stripe")
    assert fingerprint(living) == before


def test_a_tick_without_change_asks_at_most_three_requests_and_no_run(living: Company) -> None:
    for system in SYSTEMS:
        # The first tick finds a marker, the second may know it better: each is a run too many at worst.
        for _ in range(2):
            living.tick(f"{system.name}_changes")
        sent = living.sandbox.servers[system.name].requests
        before = len(sent)
        ticked = living.tick(f"{system.name}_changes")
        assert not ticked.run_requests
        assert "Nothing changed" in (ticked.skip_message or "")
        assert 1 <= len(sent) - before <= 3


def test_each_change_asks_for_a_run_with_a_key_of_its_own(living: Company) -> None:
    living.tick("chargebee_changes")
    customer = living.sandbox.census()["chargebee"]["customers"][1]
    keys = []
    for name in ("Once", "Twice"):
        living.sandbox.chargebee.put("customers", {"id": customer, "company": name})
        living.sandbox.advance(timedelta(minutes=5))
        (request,) = living.tick("chargebee_changes").run_requests or ()
        keys.append(request.run_key)
        assert request.tags["sync-assets/mode"] == "sync"
    assert len(set(keys)) == 2
    # The run carries the change through to the copy in one go.
    assert living.run("sync_chargebee").is_success
    query = "SELECT name FROM canonical.customer WHERE system = 'chargebee' AND record_id = :id"
    assert living.rows(query, id=customer) == [("Twice",)]


def test_a_hop_turns_red_stays_red_and_turns_green_once_the_break_is_mended(living: Company) -> None:
    invoice, total = matched_invoice(living)
    others = living.rows("SELECT 1 FROM integrity.breaks WHERE closed_at IS NULL AND class = 'F50'")
    query = (
        "SELECT money_at_risk_minor, closed_at IS NULL FROM integrity.breaks WHERE class = 'F50' AND entity_id = :id"
    )

    def billed(amount: int) -> None:
        living.sandbox.chargebee.put("invoices", {"id": invoice, "total": amount})
        living.sandbox.advance(timedelta(hours=2))
        assert living.run("sync_chargebee").is_success

    billed(total + 100)
    assert living.tick("pending_reconciliation").run_requests
    assert living.run("reconcile").is_success
    assert living.rows(query, id=f"chargebee:{invoice}") == [(100, True)]
    assert not check_passed("reconciled/billing_to_erp", "F50")
    # Reading again, and comparing again, hides nothing.
    living.sync("chargebee")
    assert not check_passed("reconciled/billing_to_erp", "F50")
    billed(total)
    assert living.run("reconcile").is_success
    assert living.rows(query, id=f"chargebee:{invoice}") == [(100, False)]
    assert check_passed("reconciled/billing_to_erp", "F50") is not bool(others)


def test_a_backfill_reads_its_days_again_and_refreshes_what_lies_downstream(living: Company) -> None:
    last = DAYS.time_window_for_partition_key(min(materialised("raw/chargebee/customers"))).start.date()
    living.sandbox.advance(timedelta(hours=4))
    living.sync("chargebee")
    query = "SELECT count(*) FROM canonical.customer WHERE system = 'chargebee' AND name = 'Seen late'"
    assert living.rows(query) == [(0,)], "no overlap reaches back that far"
    marks = living.rows("SELECT system, name, high_water_at, complete_through FROM sync.stream ORDER BY 1, 2")
    days = [(last - timedelta(days=back)).isoformat() for back in (2, 1, 0)]
    command = [sys.executable, "-m", "sync_assets.cli", "backfill", "--system", "chargebee", "--stream", "customers"]
    # The second one comes while the daemon of the first is gone and its last beat still looks young.
    for first in days[:2]:
        asked = [*command, "--from", first, "--to", days[-1]]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert (said.returncode, "Warning" in said.stderr) == (0, False), said.stderr
    assert set(days) <= materialised("raw/chargebee/customers")
    assert living.rows("SELECT DISTINCT kind FROM sync.window WHERE kind = 'backfill'") == [("backfill",)]
    assert living.rows("SELECT system, name, high_water_at, complete_through FROM sync.stream ORDER BY 1, 2") == marks
    assert living.rows(query) == [(1,)]
    assert living.tick("pending_copies").skip_message == "Every record is conformed."
    assert not living.tick("pending_reconciliation").run_requests


def test_a_backfill_that_reaches_today_reads_its_days_again_and_not_only_what_changed(living: Company) -> None:
    here = datetime.now(UTC)
    days = {"start": f"{here - timedelta(days=6):%Y-%m-%d}", "end": f"{here:%Y-%m-%d}"}
    kinds = "SELECT kind, count(*)::int FROM sync.window GROUP BY kind"
    before = dict(living.rows(kinds))
    launched = {f"dagster/asset_partition_range_{end}": day for end, day in days.items()}
    raw = dg.AssetKey(["raw", "chargebee", "customers"])
    assert run_job("sync_chargebee", tags={BACKFILL_TAG: "of a week", **launched}, only=[raw]).is_success
    assert run_job("sync_chargebee", tags=launched, only=[raw]).is_success
    assert dict(living.rows(kinds)) == {**before, "backfill": before["backfill"] + 2}


def test_two_runs_of_the_same_lists_at_once_are_harmless(living: Company) -> None:
    five = sorted(living.sandbox.census()["chargebee"]["customers"])[:5]
    for customer in five:
        living.sandbox.chargebee.put("customers", {"id": customer, "company": "Read by two"})
    living.sandbox.advance(timedelta(minutes=5))
    day = today(living.sandbox.clock.now())
    of_five = """SELECT count(*) FROM raw.version v JOIN sync.stream s USING (stream_id)
        WHERE s.system = 'chargebee' AND s.name = 'customers' AND v.record_id = ANY(:five)"""
    versions = living.rows(of_five, five=five)[0][0]
    runs = [child("sync_chargebee", "sync", day) for _ in range(2)]
    assert [run.wait(240) for run in runs] == [0, 0]
    assert living.census("chargebee") == {}
    # Each of the five changed once, and both runs saw it.
    assert living.rows(of_five, five=five) == [(versions + 5,)]
    query = "SELECT count(*) FROM canonical.customer WHERE system = 'chargebee' AND name = 'Read by two'"
    assert living.rows(query) == [(5,)]


def test_a_killed_run_is_closed_by_the_heartbeat_and_the_next_one_goes_on(living: Company) -> None:
    server, reached = living.sandbox.servers["chargebee"], threading.Event()
    asked = len(server.requests)

    def hold(_request: Request, proceed: Callable[[], Reply]) -> Reply | None:
        if len(server.requests) > asked + 8:
            reached.set()
            threading.Event().wait(1)
        return proceed()

    server.faults.append(hold)
    run = child("sync_chargebee", "full", today(living.sandbox.clock.now()))
    assert reached.wait(240)
    run.send_signal(signal.SIGKILL)
    assert run.wait(10) == -signal.SIGKILL
    server.faults.clear()
    with dg.DagsterInstance.get() as instance:
        (dead,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        living.tick("heartbeat")
        closed = instance.get_run_by_id(dead.run_id)
        assert closed is not None
        assert closed.status == dg.DagsterRunStatus.FAILURE
    living.sync("chargebee")
    assert living.rows("SELECT count(*) FROM sync.window WHERE closed_at IS NULL") == [(0,)]
    assert living.census("chargebee") == {}


def test_a_live_run_is_left_alone_by_the_heartbeat(living: Company) -> None:
    server, reached, go_on = living.sandbox.servers["chargebee"], threading.Event(), threading.Event()

    def hold(_request: Request, proceed: Callable[[], Reply]) -> Reply | None:
        reached.set()
        go_on.wait(240)
        return proceed()

    server.faults.append(hold)
    run = child("sync_chargebee", "sync", today(living.sandbox.clock.now()))
    assert reached.wait(240)
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.get() as instance:
        patch.setattr("sync_assets.operate.dead_runs.SETTLED_S", -60)
        living.tick("heartbeat")
        (alive,) = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]))
        server.faults.clear()
        go_on.set()
        assert run.wait(240) == 0
        ended = instance.get_run_by_id(alive.run_id)
        assert ended is not None
        assert ended.status == dg.DagsterRunStatus.SUCCESS


def test_the_heartbeat_fails_when_a_beat_is_too_old(living: Company) -> None:
    living.tick("stripe_changes")
    living.rows("UPDATE sync.beat SET beat_at = beat_at - interval '1 hour' WHERE name = 'stripe_changes'")
    with pytest.raises(dg.Failure) as failed:
        living.tick("heartbeat")
    assert "stripe_changes" in str(failed.value.description)
    living.tick("stripe_changes")
    assert living.tick("heartbeat").skip_message
    living.rows("DELETE FROM sync.beat WHERE name = 'month_end_close'")
    assert living.tick("heartbeat").skip_message, "it is expected from now on"
    living.rows("UPDATE sync.beat SET beat_at = beat_at - interval '33 days' WHERE name = 'month_end_close'")
    with pytest.raises(dg.Failure, match="month_end_close"):
        living.tick("heartbeat")
    living.rows("UPDATE sync.beat SET beat_at = clock_timestamp()")


def test_a_blocked_gate_stops_what_lies_downstream_in_its_run_and_in_later_ones(living: Company) -> None:
    server = living.sandbox.servers["chargebee"]

    def garble(request: Request, proceed: Callable[[], Reply]) -> Reply:
        reply = proceed()
        is_customers = request.path.endswith("/customers")
        body = reply.body.replace(b'"auto_collection":"on"', b'"auto_collection":1,"auto_collection":2')
        return Reply(status=reply.status, body=body, headers=reply.headers) if is_customers else reply

    customers = living.sandbox.census()["chargebee"]["customers"]
    for customer in customers[:5]:
        living.sandbox.chargebee.put("customers", {"id": customer, "company": "Behind the gate"})
    living.sandbox.advance(timedelta(minutes=5))
    server.faults.append(garble)
    query = "SELECT count(*) FROM canonical.customer WHERE system = 'chargebee' AND name = 'Behind the gate'"
    blocked = living.run("sync_chargebee")
    assert blocked.closed_gates == ("raw/chargebee/customers",)
    assert living.rows(query) == [(0,)]
    # Whoever starts later what lies downstream meets the closed gate, and is told so.
    later = living.run("conform")
    assert any("raw/chargebee/customers" in sentence for sentence in later.failures)
    server.faults.clear()
    mended = living.run("sync_chargebee")
    assert (mended.failures, mended.closed_gates) == ((), ())
    assert living.rows(query) == [(5,)]
