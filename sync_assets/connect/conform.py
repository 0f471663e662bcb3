"""From raw versions to canonical copies: decode, type, map, check row by row, merge. Cost follows what is pending.

A row that cannot be typed or breaks its entity's definition becomes a dead letter; the rest goes on. Not here: what a
vendor's fields mean (systems/<vendor>/canonical.py) and dataset-level gates (gates/).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connect.columns import INSTANT, typed_columns
from sync_assets.connect.decode import decode
from sync_assets.connect.records import Reader
from sync_assets.connect.spec import Mapped, Stream, System
from sync_assets.model.entities import ENTITIES, Entity, Type
from sync_assets.model.errors import RejectError
from sync_assets.model.money import EXPONENTS
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

BATCH = 5_000
"""Versions conformed in one transaction: about 10 MB of JSON in memory at a time."""

_ARROW: dict[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.MINOR: pa.int64(),
    Type.DECIMAL: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.INSTANT: INSTANT,
    Type.DAY: pa.date32(),
    Type.FLAG: pa.bool_(),
}


@dataclass(kw_only=True)
class Conformed:
    """What a conform run did: versions taken, copies changed and rows set aside, per entity."""

    versions: int = 0
    changed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rejected: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def conform(store: Store, system: System, stream: Stream, *, stream_id: int, run_id: str) -> Conformed:
    """Map every pending version of a stream into the current copies and their history."""
    total, reader = Conformed(), Reader(stream.mappings)
    while True:
        with store.begin() as connection:
            pending = take_pending(connection, stream_id, BATCH)
            if not pending:
                note_growth(connection, total.changed)
                return total
            lock_entities(connection, [mapped.entity for mapped in stream.mappings])
            for part in _rounds(pending):
                work = _Round(connection=connection, system=system, stream_id=stream_id, run_id=run_id, total=total)
                work.carry_out(stream.mappings, reader, part)
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

    def _map(self, mapped: Mapped, living: "Living") -> None:
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
    return version.is_deleted and set(decode(version.raw)) == {"deleted", "at", "merged_into"}


@dataclass(frozen=True, kw_only=True)
class Living:
    """Versions of distinct records that still exist, each as its stream's reader read it, and what landing knew."""

    reader: Reader
    versions: list[Pending]
    records: list[Any]
    landed: pa.Table


def read_living(reader: Reader, versions: Sequence[Pending]) -> tuple[Living, list[tuple[Pending, str, str]]]:
    """The versions decoded, and those that cannot be, each with its reason and field."""
    readable, records, unreadable = [], [], []
    for version in versions:
        try:
            records.append(reader.read(version.raw))
            readable.append(version)
        except RejectError as error:
            unreadable.append((version, error.reason, error.field))
    return Living(reader=reader, versions=readable, records=records, landed=_landed(readable)), unreadable


def _landed(versions: Sequence[Pending]) -> pa.Table:
    """What landing knows about each record: its id, its stamp, when we saw it, when it was deleted."""
    gone = [(version.stamped_at or version.observed_at) if version.is_deleted else None for version in versions]
    return pa.table(
        {
            "record_id": pa.array([version.record_id for version in versions], pa.string()),
            "version_id": pa.array([version.version_id for version in versions], pa.int64()),
            "version_at": pa.array([version.stamped_at for version in versions], INSTANT),
            "observed_at": pa.array([version.observed_at for version in versions], INSTANT),
            "deleted_at": pa.array(gone, INSTANT),
            "merged_into": pa.array([version.merged_into for version in versions], pa.string()),
        }
    )


_SHOWN = ("record_id", "version_at", "observed_at", "deleted_at", "merged_into")
"""What a mapping sees of that."""

Reject = tuple[int, str, str]
"""Position among the versions, reason, field."""


def mapped_rows(mapped: Mapped, living: Living) -> tuple[pd.DataFrame, list[Reject]]:
    """The mapping's rows with `owner` (position of the version each came from), and what was set aside."""
    given = living.reader.rows(mapped, living.records)
    owners = pa.array(given.owners, pa.int64())
    frame, unreadable = typed_columns(mapped.columns, given.values)
    frame = frame.set_axis(range(len(owners)))
    landed = living.landed.select(_SHOWN).take(owners).to_pandas(types_mapper=pd.ArrowDtype)
    frame = frame.assign(owner=owners.to_numpy(), **{name: landed[name] for name in _SHOWN})
    reasons = [(given.owners[at], reason, "") for at, reason in unreadable.items()]
    frame = frame.drop(index=list(unreadable)) if unreadable else frame
    if frame.empty:
        return frame, reasons
    rows = mapped.to(frame)
    rows = rows.assign(owner=frame["owner"].reindex(rows.index))
    if "reject" in rows:
        bad = rows["reject"].notna()
        reasons += [(int(at), str(reason), "") for at, reason in rows.loc[bad, ["owner", "reject"]].to_numpy()]
        rows = (rows.loc[~bad] if bad.any() else rows).drop(columns="reject")
    return rows, reasons


def checked(entity: Entity, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[Reject]]:
    """The rows that keep the entity's definition, and the others with the reason and field."""
    reasons: list[Reject] = []
    for bad, reason, name in _violations(entity, rows):
        still_here = bad.index[bad].intersection(rows.index)
        reasons += [(int(at), reason, name) for at in rows.loc[still_here, "owner"]]
        rows = rows.drop(index=still_here)
    return rows, reasons


def _violations(entity: Entity, rows: pd.DataFrame) -> Iterator[tuple[pd.Series, str, str]]:
    """Each rule of the definition that some row breaks, with where."""
    for item in entity.fields:
        if item.name not in rows:
            continue
        for test, reason in _TESTS:
            bad = test(item, rows[item.name])
            if bad is not None and bad.any():
                yield bad, reason, item.name


def _absent(item: Any, column: pd.Series) -> pd.Series | None:
    return column.isna() if item.required else None


def _unlisted(item: Any, column: pd.Series) -> pd.Series | None:
    return (column.notna() & ~column.isin(item.one_of)).astype(bool) if item.one_of else None


def _no_currency(item: Any, column: pd.Series) -> pd.Series | None:
    return (column.notna() & ~column.isin(EXPONENTS.keys())).astype(bool) if item.name == "currency" else None


_TESTS: tuple[tuple[Callable[[Any, pd.Series], pd.Series | None], str], ...] = (
    (_absent, "missing_field"),
    (_unlisted, "unknown_enum"),
    (_no_currency, "currency"),
)


def to_table(entity: str, rows: pd.DataFrame, living: Living, *, system: str, run_id: str) -> pa.Table:
    """The rows as the store stages them: landed columns filled in, one row per record id, the last one wins."""
    if "record_id" in rows:
        rows = rows.drop_duplicates("record_id", keep="last")
    count = len(rows)
    owners = pa.array([] if rows.empty else rows["owner"].to_numpy(), pa.int64())
    landed = living.landed.take(owners).combine_chunks()
    columns: dict[str, pa.Array] = {
        "system": pa.repeat(system, count),
        "from_record_id": landed["record_id"].combine_chunks(),
        "version_id": landed["version_id"].combine_chunks(),
        "run_id": pa.repeat(run_id, count),
    }
    for name in ("record_id", "version_at", "observed_at", "deleted_at"):
        kind = pa.string() if name == "record_id" else INSTANT
        columns[name] = _array(rows[name], kind) if name in rows else landed[name].combine_chunks()
    for item in ENTITIES[entity].fields:
        kind = _ARROW[item.type]
        present = item.name in rows
        columns[item.name] = _array(rows[item.name], kind, item.type) if present else pa.nulls(count, kind)
    return pa.table(columns)


def _array(column: pd.Series, kind: pa.DataType, type_: Type | None = None) -> pa.Array:
    """One column in the store's type; decimals as their exact text, NUL characters made visible."""
    if type_ is Type.DECIMAL:
        return pa.array([_plain(value) for value in column.tolist()], kind)
    array = pa.array(column, type=kind, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_string(kind):
        return pc.replace_substring(array, "\x00", "\\u0000")
    return array


def _plain(number: Any) -> str | None:
    """A decimal written out; None for any of the values by which pandas says that there is none."""
    return None if not isinstance(number, Decimal | int) and pd.isna(number) else format(number, "f")
