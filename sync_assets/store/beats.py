"""Signs of life: when each sensor and schedule ticked last, and what each system's probe saw last."""

from collections.abc import Sequence

from sqlalchemy import text

from sync_assets.store.engine import Store

SILENCE_S = {"hourly_sync": 2 * 3600 + 600, "nightly_completeness": 26 * 3600, "month_end_close": 32 * 86_400}
"""Seconds of silence that are too long, where it is not the default."""

SILENCE_DEFAULT_S = 600

_BEAT = text("""
    INSERT INTO sync.beat (name, beat_at) VALUES (:name, clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET beat_at = excluded.beat_at
""")
_EXPECT = text("""
    INSERT INTO sync.beat (name, beat_at) SELECT name, clock_timestamp() FROM unnest(CAST(:names AS text[])) AS name
    ON CONFLICT (name) DO NOTHING
""")
_AGES = text(
    "SELECT name, extract(epoch FROM clock_timestamp() - beat_at)::float8 AS age_s FROM sync.beat ORDER BY name"
)
_REMEMBER = text("""
    INSERT INTO sync.probe AS p (system, marker, epoch) VALUES (:system, :marker, 1)
    ON CONFLICT (system) DO UPDATE
        SET marker = excluded.marker, epoch = p.epoch + 1, probed_at = clock_timestamp()
    RETURNING epoch
""")


def beat(store: Store, name: str) -> None:
    """Leave a sign of life."""
    with store.begin() as connection:
        connection.execute(_BEAT, {"name": name})


def expect_beats(store: Store, names: Sequence[str]) -> None:
    """From now on these are silent, also those that have not ticked once."""
    with store.begin() as connection:
        connection.execute(_EXPECT, {"names": list(names)})


def beat_ages(store: Store) -> dict[str, float]:
    """Seconds since each last sign of life."""
    with store.begin() as connection:
        return {row.name: row.age_s for row in connection.execute(_AGES)}


def late_beats(store: Store) -> list[str]:
    """The sensors and schedules that have been silent for too long."""
    return [name for name, age in beat_ages(store).items() if age > SILENCE_S.get(name, SILENCE_DEFAULT_S)]


def silences(store: Store) -> dict[str, str]:
    """Those that have been silent for too long, and when each was heard last."""
    late = late_beats(store)
    with store.begin() as connection:
        rows = connection.execute(text("SELECT name, beat_at FROM sync.beat WHERE name = ANY(:late)"), {"late": late})
        return {row.name: row.beat_at.isoformat() for row in rows}


def probe_marker(store: Store, system: str) -> str | None:
    """What the probe of a system saw when it last asked for a run."""
    with store.begin() as connection:
        found: str | None = connection.execute(
            text("SELECT marker FROM sync.probe WHERE system = :system"), {"system": system}
        ).scalar_one_or_none()
    return found


def remember_probe(store: Store, system: str, marker: str) -> int:
    """Keep what the probe saw; returns a number that is new each time, for the run's key."""
    with store.begin() as connection:
        return int(connection.execute(_REMEMBER, {"system": system, "marker": marker}).scalar_one())
