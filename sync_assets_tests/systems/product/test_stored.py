"""Claims about usage events from the platform to the store: repeated and late events."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sync_assets.connect.audit import Auditing, audit_stream
from sync_assets.connect.conform import conform
from sync_assets.connect.extract import Reading, extract
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states
from sync_assets.systems.product.spec import EVENTS, SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.product.platform_server import FakePlatform, as_json, event, meter, playing


def _ago(**past: int) -> str:
    return f"{datetime.now(UTC) - timedelta(**past):%Y-%m-%dT%H:%M:%SZ}"


def _sync(store: Store, client: Client, run_id: str) -> dict[str, str]:
    """Read and conform; the quantity of each event."""
    earliest = datetime.now(UTC) - timedelta(days=30)
    extract(store, Reading(system=SYSTEM, stream=EVENTS, client=client, run_id=run_id, earliest=earliest))
    (state,) = stream_states(store)
    conform(store, SYSTEM, EVENTS, stream_id=state["stream_id"], run_id=run_id)
    with store.begin() as connection:
        rows = connection.execute(text("SELECT record_id, quantity FROM canonical.usage"))
        return {row.record_id: str(row.quantity) for row in rows}


def _versions(store: Store, record_id: str) -> int:
    with store.begin() as connection:
        count = text("SELECT count(*) FROM raw.version WHERE record_id = :record_id")
        return int(connection.execute(count, {"record_id": record_id}).scalar_one())


def _letters(store: Store) -> list[tuple[str, str, bool]]:
    query = text("SELECT record_id, reason, resolved_at IS NULL AS open FROM sync.dead_letter ORDER BY dead_letter_id")
    with store.begin() as connection:
        return [(row.record_id, row.reason, row.open) for row in connection.execute(query)]


def test_an_event_sent_twice_alike_is_one_record_with_a_version_per_delivery(store: Store) -> None:
    platform = FakePlatform(events=[event(1, _ago(hours=2), time=_ago(hours=3))], lists={"meters": [meter()]})
    with playing(platform) as client:
        assert _sync(store, client, "first") == {"api:e00001": "1"}
        platform.events.append({**platform.events[0], "ingestedAt": _ago(minutes=1)})
        assert _sync(store, client, "second") == {"api:e00001": "1"}
    assert _versions(store, "api:e00001") == 2
    assert _letters(store) == []


def test_an_event_sent_again_with_another_quantity_is_reported_and_does_not_change_what_was_counted(
    store: Store,
) -> None:
    platform = FakePlatform(events=[event(1, _ago(hours=2))], lists={"meters": [meter()]})
    with playing(platform) as client:
        assert _sync(store, client, "first") == {"api:e00001": "1"}
        platform.events.append(event(1, _ago(minutes=1), data={"value": 9}))
        for run_id in ("second", "third"):
            assert _sync(store, client, run_id) == {"api:e00001": "1"}
    assert _letters(store) == [("api:e00001", "same_version_diff", True)]


def test_of_two_quantities_on_one_page_the_one_that_came_in_first_counts(store: Store) -> None:
    again = event(1, _ago(minutes=1), data={"value": 9})
    platform = FakePlatform(events=[event(1, _ago(hours=2)), again], lists={"meters": [meter()]})
    with playing(platform) as client:
        assert _sync(store, client, "first") == {"api:e00001": "1"}
        assert _sync(store, client, "second") == {"api:e00001": "1"}
    assert _letters(store) == [("api:e00001", "same_version_diff", True)]


def test_a_late_event_is_read_and_what_the_server_adds_makes_no_version(store: Store) -> None:
    platform = FakePlatform(events=[event(1, _ago(minutes=2))], lists={"meters": [meter()]})
    with playing(platform) as client:
        _sync(store, client, "first")
        platform.events[0]["customerId"] = "c1"
        platform.events.append(event(2, _ago(minutes=1), time=_ago(days=9)))
        assert set(_sync(store, client, "second")) == {"api:e00001", "api:e00002"}
    assert _versions(store, "api:e00001") == 1


@pytest.mark.parametrize("ring", [1, 2, 3])
def test_an_audit_stops_where_the_list_runs_in_circles(store: Store, ring: int) -> None:
    platform = FakePlatform(events=[event(1, _ago(hours=1))], lists={"meters": [meter()]})

    def circling(asked: Asked) -> Answer:
        here = int(asked.query.get("cursor", "0"))
        return as_json({"items": platform.events, "nextCursor": str((here + 1) % ring or ring)})

    with playing(platform) as client:
        _sync(store, client, "first")
        platform.override = lambda asked: circling(asked) if asked.path == "/api/v2/events" else None
        before = len(platform.server.asked)
        with pytest.raises(ContractError, match="circles"):
            audit_stream(store, Auditing(system=SYSTEM, stream=EVENTS, client=client, run_id="audit"))
    assert len(platform.server.asked) - before <= 4 * ring + 5
