"""A wait that a system asks for binds every process that reads it, and outlasts no lease."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.discover import connect
from sync_assets.connect.extract import Outcome, Reading, extract
from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import System
from sync_assets.http.client import Client
from sync_assets.model.errors import FencedError, RetryLaterError
from sync_assets.store.budget import HELD_MAX_S, Budget
from sync_assets.store.engine import Store
from sync_assets.store.streams import take_lease
from sync_assets_tests.connect.ledger_system import NOON, NOTES, Notes, served
from sync_assets_tests.page_server import Answer

SETTINGS = Settings(system="notes", url="http://127.0.0.1", chosen=("API_KEY",), values={})
BUSY = Answer(status=429, headers={"Retry-After": "600"})
CLOCK = Answer(headers={"Date": "Tue, 30 Jun 2026 12:00:00 GMT"})


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def system(notes: Notes) -> Iterator[System]:
    with served(notes) as served_system:
        yield served_system


def _pass_time(store: Store, seconds: float) -> None:
    """What the database's clock would do to the instants that it keeps."""
    with store.begin() as connection:
        for change in (
            "sync.budget SET next_free_at = next_free_at",
            "sync.stream SET leased_until = leased_until",
        ):
            connection.execute(text(f"UPDATE {change} - make_interval(secs => :seconds)"), {"seconds": seconds})


def _client(store: Store, system: System, slept: list[float]) -> Client:
    """A client as a run makes it, whose waits pass at once."""
    client = connect(system, SETTINGS, store)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        _pass_time(store, seconds)

    client.sleep = sleep
    return client


def _read(store: Store, system: System, client: Client) -> Outcome:
    return extract(
        store,
        Reading(
            system=system,
            stream=NOTES,
            client=client,
            run_id="first",
            earliest=NOON - timedelta(days=700),
            own_clock=lambda: NOON,
        ),
    )


def test_a_wait_that_one_process_is_asked_for_is_kept_by_all_others(store: Store, notes: Notes, system: System) -> None:
    other_slept: list[float] = []
    client, other = connect(system, SETTINGS, store), _client(store, system, other_slept)

    def meanwhile(_seconds: float) -> None:
        if not other_slept:
            other.get("/clock")

    client.sleep = meanwhile
    notes.answer_instead[:] = [BUSY]
    client.get("/clock")
    assert 595 < sum(other_slept) < 605


def test_slots_that_were_booked_before_a_wait_are_not_used_within_it(
    store: Store, notes: Notes, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_assets.store.budget.SLOTS_KEPT_S", 0.0)
    slept: list[float] = []
    early = _client(store, system, slept)
    early.get("/clock")
    assert slept == []
    connect(system, SETTINGS, store).hold(600)
    early.get("/clock")
    assert 595 < sum(slept) < 605


def test_a_wait_that_is_asked_for_while_another_one_ends_is_kept_too(store: Store) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        _pass_time(store, seconds)
        if len(slept) == 2:
            Budget(store=store, system="acme", rate_per_minute=60).hold(600)

    budget = Budget(store=store, system="acme", rate_per_minute=60, sleep=sleep)
    budget.hold(100)
    budget()
    assert 695 < sum(slept) < 705


def test_a_system_that_is_held_for_ever_is_left_for_the_next_run(store: Store) -> None:
    budget = Budget(store=store, system="acme", rate_per_minute=60, sleep=lambda _s: None)
    budget.hold(2 * HELD_MAX_S)
    with pytest.raises(RetryLaterError, match="run again later"):
        budget()


def test_a_rate_alone_lets_a_burst_pass_and_then_spreads_requests(store: Store) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        _pass_time(store, seconds)

    budget = Budget(store=store, system="acme", rate_per_minute=60, sleep=sleep)
    for _ in range(40):
        budget()
    # the first call finds no row; 39 more at one a second
    assert 36 < sum(slept) < 40


@pytest.fixture
def try_at_each_wait(store: Store) -> Callable[[Client, str], list[bool]]:
    """Another run asks for the stream whenever a client waits; whether it got it."""

    def watch(client: Client, run_id: str) -> list[bool]:
        got: list[bool] = []

        def sleep(seconds: float) -> None:
            _pass_time(store, seconds)
            got.append(take_lease(store, "notes", NOTES.name, run_id) is not None)

        client.sleep = sleep
        return got

    return watch


def test_a_run_that_is_asked_to_wait_longer_than_a_lease_lives_keeps_its_stream(
    store: Store, notes: Notes, system: System, try_at_each_wait: Callable[[Client, str], list[bool]]
) -> None:
    notes.put("note", seconds=600)
    client = connect(system, SETTINGS, store)
    got = try_at_each_wait(client, "second")
    notes.answer_instead[:] = [CLOCK, BUSY]
    outcome = _read(store, system, client)
    assert outcome.window is not None
    assert outcome.window.records == 1
    # 600 seconds in parts of a minute
    assert got == [False] * 10


def test_a_run_whose_stream_was_taken_over_while_it_waited_sends_nothing_more(
    store: Store, notes: Notes, system: System
) -> None:
    client = connect(system, SETTINGS, store)

    def sleep(_seconds: float) -> None:
        _pass_time(store, 1000)
        take_lease(store, "notes", NOTES.name, "second")

    client.sleep = sleep
    notes.answer_instead[:] = [CLOCK, BUSY]
    with pytest.raises(FencedError):
        _read(store, system, client)
    assert client.sent == 2
