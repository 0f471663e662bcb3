"""From raw versions to canonical copies: decode, type, map, check row by row, merge. Cost follows what is pending.

A row that cannot be typed or breaks its entity's definition becomes a dead letter; the rest goes on. Not here: what a
vendor's fields mean (systems/<vendor>/canonical.py) and dataset-level gates (gates/).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from sync_assets.connect.circumstances import circumstances
from sync_assets.connect.decode import decode
from sync_assets.connect.fields import mapped_as_named
from sync_assets.connect.records import Reader
from sync_assets.connect.rows import Living, checked, mapped_rows, read_living
from sync_assets.connect.spec import Mapped, Stream, System
from sync_assets.connect.staged import to_table
from sync_assets.model.entities import ENTITIES
from sync_assets.store.circumstances import note_circumstances
from sync_assets.store.copies import (
    Pending,
    Stamp,
    lock_entities,
    mark_deleted,
    merge,
    move_conformed,
    note_growth,
    resolve_dead_letters,
    set_aside,
    take_pending,
)
from sync_assets.store.engine import Store

BATCH = 3_000
"""Versions conformed in one transaction: about 6 MB of JSON in memory at a time."""

pa.set_memory_pool(pa.system_memory_pool())
"""Arrow's own pool keeps what it once held, which beside everything else that a run has loaded is 30 MB more."""


@dataclass(kw_only=True)
class Conformed:
    """What a conform run did: versions taken, copies changed and rows set aside, per entity."""

    versions: int = 0
    changed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rejected: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def conform(store: Store, system: System, stream: Stream, *, stream_id: int, run_id: str) -> Conformed:
    """Map every pending version of a stream into the current copies and their history."""
    mappings = mapped_as_named(system.name, stream)
    total, reader = Conformed(), Reader(mappings)
    while True:
        with store.begin() as connection:
            pending = take_pending(connection, stream_id, BATCH)
            if not pending:
                note_growth(connection, total.changed)
                return total
            if not total.versions:
                note_circumstances(connection, stream_id, run_id, circumstances(system, stream))
            lock_entities(connection, [mapped.entity for mapped in mappings])
            for part in _rounds(pending):
                work = _Round(connection=connection, system=system, stream_id=stream_id, run_id=run_id, total=total)
                work.carry_out(mappings, reader, part)
            move_conformed(connection, stream_id, pending[-1].version_id)
        total.versions += len(pending)


def _rounds(pending: Sequence[Pending]) -> Iterator[list[Pending]]:
    """The versions in rounds in which no record appears twice, so that history sees every version."""
    rounds: list[list[Pending]] = []
    seen: dict[str, int] = defaultdict(int)
    for version in pending:
        at = seen[version.record_id]
        seen[version.record_id] += 1
        if at == len(rounds):
            rounds.append([])
        rounds[at].append(version)
    yield from rounds


@dataclass(frozen=True, kw_only=True)
class _Round:
    """One pass over versions of distinct records, inside the batch's transaction."""

    connection: Any
    system: System
    stream_id: int
    run_id: str
    total: Conformed

    def carry_out(self, mappings: Sequence[Mapped], reader: Reader, versions: Sequence[Pending]) -> None:
        gone: list[Pending] = []
        left: list[Pending] = []
        for version in versions:
            (gone if _is_tombstone(version) else left).append(version)
        living, unreadable = read_living(reader, left)
        for mapped in mappings:
            self._set_aside(mapped.entity, unreadable)
            if living.versions:
                self._map(mapped, living)
            for version in gone:
                self.total.changed[mapped.entity] += mark_deleted(
                    self.connection, mapped.entity, [version.record_id], self._stamp(version), parts=bool(mapped.each)
                )

    def _stamp(self, version: Pending) -> Stamp:
        return Stamp(
            system=self.system.name,
            deleted_at=version.stamped_at or version.observed_at,
            observed_at=version.observed_at,
            version_id=version.version_id,
            run_id=self.run_id,
        )

    def _map(self, mapped: Mapped, living: Living) -> None:
        rows, reasons = mapped_rows(mapped, living)
        rows, more = checked(ENTITIES[mapped.entity], rows)
        owners = living.versions
        rejected = {at: (owners[at], reason, name) for at, reason, name in [*reasons, *more]}
        self._set_aside(mapped.entity, list(rejected.values()))
        kept = [version.record_id for at, version in enumerate(owners) if at not in rejected]
        table = to_table(mapped.entity, rows, living, system=self.system.name, run_id=self.run_id)
        whole, stamp = kept if mapped.each else None, self._stamp(owners[-1])
        self.total.changed[mapped.entity] += merge(self.connection, mapped.entity, table, whole=whole, stamp=stamp)
        resolve_dead_letters(self.connection, self.stream_id, mapped.entity, kept)

    def _set_aside(self, entity: str, rejected: "Sequence[tuple[Pending, str, str]]") -> None:
        self.total.rejected[entity] += len(rejected)
        set_aside(
            self.connection,
            [
                {
                    "stream_id": self.stream_id,
                    "record_id": version.record_id,
                    "content_hash": version.content_hash,
                    "entity": entity,
                    "reason": reason,
                    "field": name,
                    "page_id": version.page_id,
                    "start": version.start,
                    "length": version.length,
                    "run_id": self.run_id,
                    "seen_at": version.observed_at,
                }
                for version, reason, name in rejected
            ],
        )


def _is_tombstone(version: Pending) -> bool:
    """A deletion that came without the record itself."""
    return version.is_deleted and set(decode(bytes(version.raw))) == {"deleted", "at", "merged_into"}
