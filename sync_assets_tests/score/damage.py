"""Damage to what is stored, drawn at random over every stream: records taken out, marked, put back, or altered.

Belongs here: what is done behind the reader's back, and how an auditor has to call it. Not here: what the vendors
withhold while they are read (withheld.py), whether it was found (audit.py).
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice, zip_longest
from random import Random
from typing import Any

import zstandard
from sqlalchemy import Connection, text

from sync_assets.connect.decode import take_apart
from sync_assets.connect.spec import Stream, System
from sync_assets.store.audit_findings import WHYS
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states

READER_LOST = frozenset({"null_cursor", "same_second_tie", "late_commit", "expired_feed", "unknown"})
"""How a record can be lost on the way in, of which nothing is left in the store."""

CALLED = {
    "forgotten": ("missing", READER_LOST),
    "lost": ("missing", frozenset({"taken_away"})),
    "buried": ("missing", frozenset({"taken_away"})),
    "aged": ("stale", frozenset({"overwritten"})),
    "altered": ("stale", frozenset({"same_stamp", "null_cursor"})),
    "withheld": ("missing", READER_LOST),
    "outdated": ("stale", READER_LOST),
}
"""Kind of damage to what the auditor has to call it, and which reasons are right."""

assert set(WHYS) >= set().union(*(whys for _, whys in CALLED.values()))


@dataclass(frozen=True, kw_only=True)
class Damage:
    """One record that is not stored as it is at the source, and what was done to it."""

    system: str
    stream: str
    record_id: str
    kind: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What the auditor has to name."""
        return self.system, self.stream, self.record_id


_LIVING = text("""
    SELECT h.record_id, v.stamped_at IS NOT NULL AS is_stamped FROM raw.head h
    JOIN raw.version v ON v.stream_id = h.stream_id AND v.version_id = h.version_id
    WHERE h.stream_id = :stream_id AND NOT h.is_deleted ORDER BY h.record_id
""")
_LOSE = "DELETE FROM raw.head WHERE stream_id = :stream_id AND record_id = :record_id"
_DO = {
    "lost": text(_LOSE),
    "forgotten": text(f"WITH lost AS ({_LOSE}) {_LOSE.replace('raw.head', 'raw.version')}"),
    "buried": text("UPDATE raw.head SET is_deleted = true WHERE stream_id = :stream_id AND record_id = :record_id"),
}
_STORED = text("""
    SELECT p.window_id, p.body, v.start, v.length FROM raw.head h
    JOIN raw.version v ON v.stream_id = h.stream_id AND v.version_id = h.version_id JOIN raw.page p USING (page_id)
    WHERE h.stream_id = :stream_id AND h.record_id = :record_id
""")
_REPLACE = text("""
    WITH page AS (
        INSERT INTO raw.page (window_id, fetched_at, body, exact_bytes, sha256)
        VALUES (:window_id, now(), :body, :length, :sha256) RETURNING page_id
    ), other AS (
        INSERT INTO raw.version (stream_id, record_id, content_hash, rank, stamped_at, observed_at, page_id, start,
            length, is_deleted)
        SELECT v.stream_id, v.record_id, :hash, v.rank, v.stamped_at - make_interval(days => :days), v.observed_at,
            page.page_id, 0, :length, false
        FROM raw.head h JOIN raw.version v ON v.stream_id = h.stream_id AND v.version_id = h.version_id, page
        WHERE h.stream_id = :stream_id AND h.record_id = :record_id RETURNING version_id
    )
    UPDATE raw.head h SET version_id = other.version_id, content_hash = :hash FROM other
    WHERE h.stream_id = :stream_id AND h.record_id = :record_id
""")


def spoiled(
    store: Store,
    systems: Sequence[System],
    random: Random,
    count: int,
    *,
    spared: Collection[tuple[str, str, str]] = (),
) -> list[Damage]:
    """Damage so many stored records: some of every stream in turn, in every way that its vendor lets an auditor see.

    Those `spared` are left alone, as (system, stream, record id).
    """
    with store.begin() as connection:
        streams = _streams(store, systems)
        draws = [_drawn(connection, random, *streams[place], most=count) for place in sorted(streams)]
        in_turn = (one for turn in zip_longest(*draws) for one in turn if one and one.place not in spared)
        done = list(islice(in_turn, count))
        for one in done:
            _, stream, stream_id = streams[one.system, one.stream]
            _carry_out(connection, one, stream, (random, stream_id))
    return done


def _drawn(
    connection: Connection, random: Random, system: System, stream: Stream, stream_id: int, *, most: int
) -> list[Damage]:
    """Damages to up to half of the records of one stream, and to no more than can be of use."""
    rows = connection.execute(_LIVING, {"stream_id": stream_id}).all()
    return [
        Damage(
            system=system.name,
            stream=stream.name,
            record_id=row.record_id,
            kind=random.choice(_kinds(system, stream, is_stamped=row.is_stamped)),
        )
        for row in random.sample(rows, min(most, len(rows) // 2))
    ]


def _carry_out(connection: Connection, damage: Damage, stream: Stream, how: tuple[Random, int]) -> None:
    random, stream_id = how
    of = {"stream_id": stream_id, "record_id": damage.record_id}
    if damage.kind in _DO:
        connection.execute(_DO[damage.kind], of)
    else:
        _replace(connection, stream, random, {**of, "days": int(damage.kind == "aged")})


def _streams(store: Store, systems: Sequence[System]) -> dict[tuple[str, str], tuple[System, Stream, int]]:
    ids = {(state["system"], state["name"]): int(state["stream_id"]) for state in stream_states(store)}
    all_ = ((system, stream) for system in systems for stream in system.streams)
    return {
        (system.name, stream.name): (system, stream, ids[system.name, stream.name])
        for system, stream in all_
        if (system.name, stream.name) in ids
    }


def _kinds(system: System, stream: Stream, *, is_stamped: bool) -> list[str]:
    """The ways in which a record can be damaged so that its vendor's lists tell and no ordinary read repairs it.

    A stream without change stamps is read whole each time, which brings back what is not stored and stores anew what is
    stored otherwise; only a record that is known as it is, and marked as deleted, stays so.
    """
    if stream.is_snapshot:
        return ["buried"]
    kinds = ["lost", "forgotten", "buried"]
    kinds += ["aged"] if is_stamped else []
    return kinds + (["altered"] if shows_contents(system, stream) else [])


def shows_contents(system: System, stream: Stream) -> bool:
    """Whether the vendor's lists show whole records, from which a change without a stamp can be told."""
    return system.name in ("chargebee", "stripe") or (system.name == "product" and stream.is_snapshot)


def _replace(connection: Connection, stream: Stream, random: Random, of: dict[str, Any]) -> None:
    """Store another content over a record's own."""
    row = connection.execute(_STORED, {name: of[name] for name in ("stream_id", "record_id")}).one()
    raw = zstandard.ZstdDecompressor().decompress(bytes(row.body))[row.start :][: row.length]
    other = _altered(raw, stream, random)
    told = {
        "window_id": row.window_id,
        "body": zstandard.ZstdCompressor().compress(other),
        "length": len(other),
        "sha256": sha256(other).digest(),
        "hash": take_apart(other).content_hash,
    }
    connection.execute(_REPLACE, {**of, **told})


def _altered(raw: bytes, stream: Stream, random: Random) -> bytes:
    """The record with one of its values changed, none of those that name or date it."""
    record: dict[str, Any] = json.loads(raw, parse_float=str)
    kept = {*(path.split(".")[0] for path in stream.key), stream.stamp, stream.version, stream.deleted, "object"}
    kept |= {*stream.composed}
    names = sorted(name for name, value in record.items() if name not in kept and isinstance(value, str | int))
    name = random.choice(names) if names else "note"
    value = record.get(name, "")
    record[name] = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else f"{value} altered"
    return json.dumps(record).encode()
