"""From raw versions to canonical copies: decode, type, map, check row by row, merge. Cost follows what is pending.

A row that cannot be typed or breaks its entity's definition becomes a dead letter; the rest goes on. Not here: what a
vendor's fields mean (systems/<vendor>/canonical.py) and dataset-level gates (gates/).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connect.columns import INSTANT, dig, read_columns
from sync_assets.connect.decode import decode
from sync_assets.connect.spec import Mapped, Stream, System
from sync_assets.model.entities import ENTITIES, Entity, Type
from sync_assets.model.money import EXPONENTS
from sync_assets.store.copies import (
    Pending,
    lock_entities,
    mark_deleted,
    merge,
    move_conformed,
    resolve_dead_letters,
    set_aside,
    take_pending,
)
from sync_assets.store.engine import Store

BATCH = 10_000
"""Versions conformed in one transaction: about 20 MB of JSON in memory at a time."""

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
    total = Conformed()
    while True:
        with store.begin() as connection:
            pending = take_pending(connection, stream_id, BATCH)
            if not pending:
                return total
            lock_entities(connection, [mapped.entity for mapped in stream.mappings])
            for part in _rounds(pending):
                work = _Round(connection=connection, system=system, stream_id=stream_id, run_id=run_id, total=total)
                work.carry_out(stream.mappings, part)
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

    def carry_out(self, mappings: Sequence[Mapped], versions: Sequence[Pending]) -> None:
        decoded = [(version, decode(version.raw)) for version in versions]
        living = [(version, record) for version, record in decoded if not _is_tombstone(version, record)]
        gone = [version for version, record in decoded if _is_tombstone(version, record)]
        for mapped in mappings:
            if living:
                self._map(mapped, living)
            for version in gone:
                self.total.changed[mapped.entity] += mark_deleted(
                    self.connection, mapped.entity, {"record_ids": [version.record_id], **self._stamp(version)}
                )

    def _stamp(self, version: Pending) -> dict[str, Any]:
        return {
            "system": self.system.name,
            "deleted_at": version.stamped_at or version.observed_at,
            "observed_at": version.observed_at,
            "version_id": version.version_id,
            "run_id": self.run_id,
        }

    def _map(self, mapped: Mapped, living: Sequence[tuple[Pending, dict[str, Any]]]) -> None:
        rows, reasons = mapped_rows(mapped, living)
        rows, more = checked(ENTITIES[mapped.entity], rows)
        owners = [version for version, _ in living]
        rejected = {owners[at].record_id: (owners[at], reason, name) for at, reason, name in [*reasons, *more]}
        self._set_aside(mapped.entity, rejected)
        kept = [version for version in owners if version.record_id not in rejected]
        table = to_table(mapped.entity, rows, owners, system=self.system.name, run_id=self.run_id)
        whole = {"whole": [version.record_id for version in kept], **self._stamp(owners[-1])} if mapped.each else None
        self.total.changed[mapped.entity] += merge(self.connection, mapped.entity, table, whole=whole)
        self.total.rejected[mapped.entity] += len(rejected)
        resolve_dead_letters(self.connection, self.stream_id, mapped.entity, [version.record_id for version in kept])

    def _set_aside(self, entity: str, rejected: dict[str, tuple[Pending, str, str]]) -> None:
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
                for version, reason, name in rejected.values()
            ],
        )


def _is_tombstone(version: Pending, record: dict[str, Any]) -> bool:
    """A deletion that came without the record itself."""
    return version.is_deleted and set(record) == {"deleted", "at", "merged_into"}


Reject = tuple[int, str, str]
"""Position among the versions, reason, field."""


def mapped_rows(mapped: Mapped, living: Sequence[tuple[Pending, dict[str, Any]]]) -> tuple[pd.DataFrame, list[Reject]]:
    """The mapping's rows with `owner` (position of the version each came from), and what was set aside."""
    owners, elements = _elements(mapped, [record for _, record in living])
    parents = [living[at][1] for at in owners] if mapped.each else None
    frame, unreadable = read_columns(elements, mapped.columns, parents)
    frame = frame.set_axis(range(len(owners)))
    frame["owner"] = pd.Series(owners, index=frame.index, dtype="int64")
    frame = frame.assign(**_landed([living[at][0] for at in owners], frame.index))
    reasons = [(owners[at], reason, "") for at, reason in unreadable.items()]
    frame = frame.drop(index=list(unreadable))
    if frame.empty:
        return frame, reasons
    rows = mapped.to(frame)
    rows = rows.assign(owner=frame["owner"].reindex(rows.index))
    if "reject" in rows:
        bad = rows["reject"].notna()
        reasons += [(int(at), str(reason), "") for at, reason in rows.loc[bad, ["owner", "reject"]].to_numpy()]
        rows = rows.loc[~bad].drop(columns="reject")
    return rows, reasons


def _elements(mapped: Mapped, records: Sequence[dict[str, Any]]) -> tuple[list[int], list[dict[str, Any]]]:
    """The rows to read: each record, or each element of a list in it, with the position of its record."""
    if mapped.each is None:
        return list(range(len(records))), list(records)
    path = mapped.each.split(".")
    pairs = [(at, element) for at, record in enumerate(records) for element in dig(record, path) or ()]
    return [at for at, _ in pairs], [element for _, element in pairs]


def _landed(versions: Sequence[Pending], index: pd.Index) -> dict[str, pd.Series]:
    """What landing knows about each row: the record's id, its stamp, when we saw it, when it was deleted."""

    def column(values: list[Any], kind: pa.DataType) -> pd.Series:
        return pd.Series(pa.array(values, type=kind), dtype=pd.ArrowDtype(kind), index=index)

    return {
        "record_id": column([version.record_id for version in versions], pa.string()),
        "version_at": column([version.stamped_at for version in versions], INSTANT),
        "observed_at": column([version.observed_at for version in versions], INSTANT),
        "deleted_at": column(
            [(version.stamped_at or version.observed_at) if version.is_deleted else None for version in versions],
            INSTANT,
        ),
        "merged_into": column([version.merged_into for version in versions], pa.string()),
    }


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


def to_table(entity: str, rows: pd.DataFrame, owners: Sequence[Pending], *, system: str, run_id: str) -> pa.Table:
    """The rows as the store stages them: landed columns filled in, one row per record id, the last one wins."""
    if "record_id" in rows:
        rows = rows.drop_duplicates("record_id", keep="last")
    count = len(rows)
    positions = [] if rows.empty else [int(at) for at in rows["owner"]]
    landed = _landed([owners[at] for at in positions], rows.index)
    columns: dict[str, pa.Array] = {
        "system": pa.array([system] * count, pa.string()),
        "from_record_id": pa.array([owners[at].record_id for at in positions], pa.string()),
        "version_id": pa.array([owners[at].version_id for at in positions], pa.int64()),
        "run_id": pa.array([run_id] * count, pa.string()),
    }
    for name in ("record_id", "version_at", "observed_at", "deleted_at"):
        kind = pa.string() if name == "record_id" else INSTANT
        columns[name] = _array(rows[name] if name in rows else landed[name], kind)
    for item in ENTITIES[entity].fields:
        kind = _ARROW[item.type]
        present = item.name in rows
        columns[item.name] = _array(rows[item.name], kind, item.type) if present else pa.nulls(count, kind)
    return pa.table(columns)


def _array(column: pd.Series, kind: pa.DataType, type_: Type | None = None) -> pa.Array:
    """One column in the store's type; decimals as their exact text, NUL characters made visible."""
    if type_ is Type.DECIMAL:
        return pa.array([None if pd.isna(value) else format(value, "f") for value in column], kind)
    array = pa.array(column, type=kind, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_string(kind):
        return pc.replace_substring(array, "\x00", "\\u0000")
    return array
