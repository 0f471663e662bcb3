"""Trouble in the middle of a run: it is said in a sentence, nothing is lost, and the next run continues."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from sync_assets.sandbox.vendors.product import Product
from sync_assets.sandbox.wire import Reply, Request, Server
from sync_assets.store import embedded
from sync_assets.store.engine import Store
from sync_assets_tests.operate.conftest import Serve
from sync_assets_tests.operate.shell import Say, Told, assert_refused, spawn

pytestmark = pytest.mark.company


def _sign_up(server: Server, count: int) -> None:
    for number in range(count):
        server.vendor.put("customers", {"key": f"c{number}", "name": f"Works {number}"})  # type: ignore[attr-defined]


def _differences(told: Told, server: Server) -> dict[str, tuple[int, int]]:
    """Streams of which we hold another number of records than the vendor."""
    ours = json.loads(told.out)["product"]
    theirs = server.vendor.census()  # type: ignore[attr-defined]
    counts = {name: (len(ids), ours[name]["count"]) for name, ids in theirs.items()}
    return {name: pair for name, pair in counts.items() if pair[0] != pair[1]}


@contextmanager
def _full_disk(store: Store) -> Iterator[None]:
    """The server's own answer to a page that no longer fits: SQLSTATE 53100, disk_full."""
    with store.begin() as connection:
        connection.execute(
            text("""
            CREATE FUNCTION pg_temp_disk() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$""")
        )
        connection.execute(
            text("CREATE TRIGGER disk BEFORE INSERT ON raw.page FOR EACH ROW EXECUTE FUNCTION pg_temp_disk()")
        )
    try:
        yield
    finally:
        with store.begin() as connection:
            connection.execute(text("DROP FUNCTION pg_temp_disk() CASCADE"))


def test_an_empty_account_then_a_full_disk_then_room_again_loses_nothing(
    store: Store, home: Path, say: Say, serve: Serve
) -> None:
    server = serve(Product)
    told = say("run")
    assert told.code == 0, told
    assert "No open break." in told.out
    assert "Traceback" not in told.err
    assert _differences(say("census", "--format", "json"), server) == {}
    _sign_up(server, 7)
    with _full_disk(store):
        refused = say("run", "--system", "product")
    assert_refused(refused, "disk is full; free some space and run again")
    assert "customers" in _differences(say("census", "--format", "json"), server)
    again = say("run", "--system", "product")
    assert again.code == 0, again
    assert _differences(say("census", "--format", "json"), server) == {}


def test_a_database_that_goes_away_in_the_middle_is_said_and_the_next_run_continues(
    home: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SYNC_DATABASE_URL", raising=False)
    server = serve(Product)
    _sign_up(server, 7)
    gone = threading.Event()

    def interfere(request: Request, proceed: Callable[[], Reply]) -> Reply:
        if "/customers" in request.raw_target and len(server.requests) > 2 and not gone.is_set():
            gone.set()
            embedded.stop(home)
        return proceed()

    server.faults.append(interfere)
    try:
        told = spawn("run")
        assert gone.is_set()
        assert_refused(told, "went away", "run again")
        again = spawn("run")
        assert again.code == 0, again
        assert _differences(spawn("census", "--format", "json"), server) == {}
    finally:
        embedded.stop(home)
