"""An auditor at work on a scene: what every test of audits does and looks at."""

from collections.abc import Sequence
from random import Random

from sqlalchemy import text

from sync_assets.connect.audit import Audited, Auditing, Compare, audit_stream
from sync_assets.connect.discover import connect, settings_of
from sync_assets.store.audits import differences
from sync_assets.store.streams import stream_states
from sync_assets_tests.scenarios.scene import Scene


def audit(scene: Scene, *names: str, compare: Compare = differences) -> dict[str, Audited]:
    """One audit of the named streams, all by default."""
    settings = settings_of(scene.system)
    assert settings is not None
    client = connect(scene.system, settings, scene.store)
    client.sleep = scene.wait
    done = {}
    for name in names or [stream.name for stream in scene.system.streams]:
        stream = scene.system.stream(name)
        work = Auditing(system=scene.system, stream=stream, client=client, run_id="audit", compare=compare)
        found = audit_stream(scene.store, work)
        if found is not None:
            done[name] = found
    return done


def unclean(done: dict[str, Audited]) -> dict[str, Audited]:
    """What an audit did not find in order."""
    return {name: found for name, found in done.items() if not found.is_clean}


def settle(scene: Scene) -> None:
    """Read everything, and again when the overlap has passed, so that all of it is complete."""
    scene.read()
    scene.clock.advance(hours=2)
    scene.read()


def stream_id(scene: Scene, name: str) -> int:
    """The number of a stream in the store."""
    return next(int(state["stream_id"]) for state in stream_states(scene.store) if state["name"] == name)


def some_ids(scene: Scene, name: str, count: int, seed: int = 0) -> list[str]:
    """Ids of living stored records, drawn at random."""
    where = f"stream_id = {stream_id(scene, name)} AND NOT is_deleted"
    ids = [row[0] for row in scene.rows("record_id", "raw.head", f"WHERE {where} ORDER BY 1")]
    return sorted(Random(seed).sample(ids, count))


def spoil(scene: Scene, statement: str, name: str, ids: Sequence[str]) -> None:
    """Do something to stored records behind the reader's back; the statement takes :stream_id and :ids."""
    with scene.store.begin() as connection:
        connection.execute(text(statement), {"stream_id": stream_id(scene, name), "ids": list(ids)})


LOSE = "DELETE FROM raw.head WHERE stream_id = :stream_id AND record_id = ANY(:ids)"
FORGET = f"WITH lost AS ({LOSE}) {LOSE.replace('raw.head', 'raw.version')}"
BURY = "UPDATE raw.head SET is_deleted = true WHERE stream_id = :stream_id AND record_id = ANY(:ids)"
AGE = """UPDATE raw.version v SET stamped_at = v.stamped_at - interval '1 day' FROM raw.head h
    WHERE h.stream_id = :stream_id AND h.record_id = ANY(:ids)
        AND v.stream_id = h.stream_id AND v.version_id = h.version_id"""


def findings(scene: Scene, rest: str = "") -> list[tuple[str, str, str]]:
    """Open findings as (what, record id, why)."""
    rows = scene.rows("what, record_id, why", "sync.audit_finding", f"WHERE resolved_at IS NULL {rest} ORDER BY 1, 2")
    return [(what, name, why) for what, name, why in rows]
