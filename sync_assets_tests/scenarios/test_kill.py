"""A reader that is killed at any moment: what it landed stays, the next run goes on, nothing is lost or double."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from random import Random

import pytest
from sqlalchemy import text

from sync_assets.sandbox.wire import Reply, Request
from sync_assets_tests.scenarios.chargebee_site import CUSTOMERS, sign_up, site
from sync_assets_tests.scenarios.conftest import Play

READER = """
from sync_assets.connect.read_run import Order, read_stream
from sync_assets.store.engine import open_store
from sync_assets.systems.chargebee.spec import SYSTEM
store = open_store()
for name in ("customers", "subscriptions", "invoices", "events"):
    read_stream(store, SYSTEM, SYSTEM.stream(name), Order(run_id="killed", mode="sync"))
"""
STREAMS = ("customers", "subscriptions", "invoices", "events")


@pytest.mark.parametrize("seed", range(5))
def test_a_reader_killed_at_any_moment_loses_and_doubles_nothing(play: Play, seed: int) -> None:
    rng = Random(seed)
    scene = play(site)
    for number in range(CUSTOMERS, 3 * CUSTOMERS):
        sign_up(scene.vendor, f"{number:03}")
    scene.clock.advance(minutes=1)
    # A read of these four streams takes some 40 requests; the first of them only log in and look at the clocks.
    fatal, before_the_reply, reached = rng.randint(8, 30), rng.random() < 0.5, threading.Event()

    def interfere(_request: Request, proceed: Callable[[], Reply]) -> Reply | None:
        reply = proceed()
        if len(scene.server.requests) >= fatal:
            reached.set()
            return None if before_the_reply else reply
        return reply

    scene.disturb(interfere)
    child = subprocess.Popen([sys.executable, "-c", READER], env={**os.environ}, stderr=subprocess.DEVNULL)
    assert reached.wait(20), "the reader got that far"
    # While it lands the page, or waits before it asks again.
    threading.Event().wait(rng.random() * 0.02)
    child.send_signal(signal.SIGKILL)
    assert child.wait(10) == -signal.SIGKILL
    scene.disturb()
    landed = scene.count("raw.version")
    with scene.store.begin() as connection:
        connection.execute(text("UPDATE sync.stream SET leased_until = clock_timestamp() - interval '1 s'"))
    scene.read(*STREAMS)
    assert scene.differences(*STREAMS) == {}
    ids = scene.vendor.census()
    assert scene.count("raw.version") == sum(len(ids[name]) for name in STREAMS)
    assert 0 < landed <= scene.count("raw.version")


def test_a_killed_reader_keeps_its_stream_only_for_as_long_as_its_lease(play: Play) -> None:
    scene = play(site)
    scene.read("items")
    with scene.store.begin() as connection:
        connection.execute(
            text("UPDATE sync.stream SET leased_by = 'killed', leased_until = clock_timestamp() + interval '1 minute'")
        )
    (aside,) = scene.read("items")
    assert aside.window is None
    with scene.store.begin() as connection:
        connection.execute(text("UPDATE sync.stream SET leased_until = clock_timestamp() - interval '1 s'"))
    (outcome,) = scene.read("items")
    assert outcome.window is not None
