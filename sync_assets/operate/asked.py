"""What was asked for on the command line, checked before anything is looked up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sync_assets.connect.spec import System
from sync_assets.model.breaks import OWNERS, Verdict
from sync_assets.model.errors import SettingError
from sync_assets.store.breaks import Filter

CLASSES = 106
"""How many failure classes there are; of some nothing can be said yet, and their list is empty."""

FIRST_DAY = date(2015, 1, 1)
"""The first day that the asset graph knows."""


@dataclass(frozen=True, kw_only=True)
class Days:
    """Days to read again, both included."""

    first: date
    last: date


def checked_days(first: str, last: str) -> Days:
    """The days of a backfill.

    Raises:
        SettingError: one is not a day, they are in the wrong order, or one lies in the future or before all history.
    """
    days = Days(first=_day(first), last=_day(last))
    today = datetime.now(UTC).date()
    if days.last < days.first:
        raise SettingError(f"--from {days.first} lies after --to {days.last}; exchange them.")
    if days.last > today:
        raise SettingError(f"{days.last} lies in the future; name days up to today, {today} in UTC.")
    if days.first < FIRST_DAY:
        raise SettingError(f"{days.first} lies before {FIRST_DAY}, the first day there is; name a later one.")
    return days


def _day(written: str) -> date:
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise SettingError(f"{written[:40]!r} is not a day; write it as 2026-11-03.") from None


def checked_streams(system: System, names: Sequence[str]) -> list[str]:
    """The streams of a backfill: those named, or every one that has days.

    Raises:
        SettingError: the system has no such stream, or the stream has no days.
    """
    with_days = [stream.name for stream in system.streams if not stream.is_snapshot]
    for name in names:
        _known(f"stream of {system.name}", name, [stream.name for stream in system.streams])
        if name not in with_days:
            raise SettingError(
                f"{system.name} {name} has no change stamp and is read whole each time; name one of "
                f"{', '.join(with_days)}."
            )
    return list(dict.fromkeys(names)) or with_days


def checked_format(wanted: str, known: Sequence[str]) -> str:
    """The form of an answer; SettingError for one that does not exist."""
    _known("format", wanted, list(known))
    return wanted


def checked_filter(
    *, owner: str | None, class_: str | None, verdict: str | None, customer: str | None, closed: bool
) -> Filter:
    """The filter of a break list.

    Raises:
        SettingError: an owner, class or verdict that does not exist; the sentence names those that do.
    """
    class_ = class_ and class_.upper()
    _known("owner", owner, list(OWNERS))
    _known("class", class_, [f"F{number}" for number in range(1, CLASSES + 1)])
    _known("verdict", verdict, [item.value for item in Verdict])
    return Filter(owner=owner, class_=class_, verdict=verdict, customer=customer, closed=closed)


def checked_group(rows: list[dict[str, Any]], group_id: str | None) -> list[dict[str, Any]]:
    """The breaks of a group, or all without one; SettingError when none of them is in it (any more)."""
    if group_id is None:
        return rows
    found = [row for row in rows if row["group"] is not None and row["group"]["group_id"] == group_id]
    if not found:
        raise SettingError(
            f"There is no group {group_id[:20]!r} of open breaks; `sync-assets breaks` names those there are."
        )
    return found


def _known(what: str, given: str | None, known: list[str]) -> None:
    if given is not None and given not in known:
        raise SettingError(f"There is no {what} {given!r}; there are {', '.join(known)}.")
