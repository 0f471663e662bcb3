"""Versions of one stream as rows of one entity: decoded, typed, mapped, checked against the entity's definition.

What cannot be read, mapped or trusted is named with its reason, row by row; nothing is written here. Not here: what a
vendor's fields mean (systems/<vendor>/canonical.py) and the form in which rows are stored (staged.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from sync_assets.connect.columns import INSTANT, typed_columns
from sync_assets.connect.records import Reader
from sync_assets.connect.spec import Mapped
from sync_assets.model.entities import Entity
from sync_assets.model.errors import RejectError
from sync_assets.model.money import EXPONENTS
from sync_assets.store.copies import Pending


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
    return Living(reader=reader, versions=readable, records=records, landed=landed(readable)), unreadable


def landed(versions: Sequence[Pending]) -> pa.Table:
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


def shown(known: pa.Table, owners: Sequence[int]) -> dict[str, pd.Series]:
    """The columns that a mapping sees of what landing knows, for rows that came from these records."""
    frame = known.select(_SHOWN).take(pa.array(owners, pa.int64())).to_pandas(types_mapper=pd.ArrowDtype)
    return {name: frame[name] for name in _SHOWN}


Reject = tuple[int, str, str]
"""Position among the versions, reason, field."""

UNMAPPED_MAX = 100
"""Records of a batch that a mapping may fail on: with more it is the mapping that is wrong, and it must say so."""


def mapped_rows(mapped: Mapped, living: Living) -> tuple[pd.DataFrame, list[Reject]]:
    """The mapping's rows with `owner` (position of the version each came from), and what was set aside."""
    given = living.reader.rows(mapped, living.records)
    owners = pa.array(given.owners, pa.int64())
    frame, unreadable = typed_columns(mapped.columns, given.values)
    frame = frame.set_axis(range(len(owners)))
    frame = frame.assign(owner=owners.to_numpy(), **shown(living.landed, given.owners))
    reasons = [(given.owners[at], reason, "") for at, reason in unreadable.items()]
    frame = frame.drop(index=list(unreadable)) if unreadable else frame
    if frame.empty:
        return frame, reasons
    parts, unmapped = _mapped(mapped, frame)
    reasons += unmapped
    if not parts:
        return frame.iloc[:0], reasons
    rows = parts[0] if len(parts) == 1 else pd.concat(parts)
    if "reject" in rows:
        bad = rows["reject"].notna()
        reasons += [(int(at), str(reason), "") for at, reason in rows.loc[bad, ["owner", "reject"]].to_numpy()]
        rows = (rows.loc[~bad] if bad.any() else rows).drop(columns="reject")
    return rows, reasons


def _mapped(mapped: Mapped, frame: pd.DataFrame) -> tuple[list[pd.DataFrame], list[Reject]]:
    """The mapping's rows; a record that it cannot take is found by halves and set aside, so that the rest goes on."""
    try:
        rows = mapped.to(frame)
    except Exception:
        owners = frame["owner"].unique()
        if len(owners) == 1:
            return [], [(int(owners[0]), "type", "")]
        is_first = frame["owner"].isin(owners[: len(owners) // 2])
        (parts, reasons), (more, others) = (_mapped(mapped, frame[half]) for half in (is_first, ~is_first))
        if len(reasons) + len(others) > UNMAPPED_MAX:
            raise
        return parts + more, reasons + others
    return [rows.assign(owner=frame["owner"].reindex(rows.index))], []


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
