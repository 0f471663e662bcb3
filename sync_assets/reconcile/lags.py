"""How long copies of a class may take: as a deployment sets it, as measured, else by default; and why that long.

Belongs here: what is set, what is learned, when a period's close ends all patience. Not here: verdicts (judging.py).
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sync_assets.model.errors import SettingError
from sync_assets.reconcile.rule import DAY_S, HOUR_S, MINUTE_S, Rule

LAGS = "SYNC_LAGS"
"""Lags of several classes at once, e.g. `F51=7200,F13=2d`."""

LAG = "SYNC_LAG_"
"""The lag of one class, its code behind this, e.g. 2d for F51; it wins over the list."""

ENOUGH = 100
"""Copies that must have been seen to come before their lateness says anything."""

STEP_S = 15 * MINUTE_S
"""What is measured is rounded up to steps of this: the 99th of 100 is known no better."""

_SATURDAY = 5
"""Days of the week are counted from Monday, 0."""

_UNITS = {"": 1, "s": 1, "m": MINUTE_S, "h": HOUR_S, "d": DAY_S}
_SPAN = re.compile(r"(\d{1,9})([smhd]?)")
_OF_CLASS = re.compile(rf"{LAG}(F\d+)")


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """How late the second copies came: the 99th percentile in seconds, over how many."""

    p99_s: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Lag:
    """Seconds that a copy may take, and why so long."""

    seconds: int
    because: str


@dataclass(frozen=True, kw_only=True)
class Closing:
    """A closed accounting period: its days, and the day on which it was closed if the ledger tells."""

    first: date
    last: date
    closed_on: date | None


def lag_of(rule: Rule, set_s: int | None, measured: Lateness | None) -> Lag:
    """The lag that applies to a rule; what is measured only shortens the default, which is the contract's cap."""
    if set_s is not None:
        return Lag(seconds=set_s, because=f"set for {rule.class_}")
    if measured is None or measured.count < ENOUGH:
        return Lag(seconds=rule.lag_s, because="default")
    learned = max(STEP_S, -(-measured.p99_s // STEP_S) * STEP_S)
    if learned >= rule.lag_s:
        return Lag(seconds=rule.lag_s, because="default, the cap of what is measured")
    return Lag(seconds=learned, because=f"measured: 99 % of {measured.count} copies came within it")


def lags_set(environment: Mapping[str, str] | None = None) -> dict[str, int]:
    """The lags in seconds that settings name by class; SettingError for one that is no class with a span of time."""
    known = os.environ if environment is None else environment
    listed = [part.partition("=") for part in filter(None, map(str.strip, known.get(LAGS, "").split(",")))]
    lags = {class_.strip(): _seconds(LAGS, class_.strip(), span.strip()) for class_, _, span in listed}
    single = {match[1]: name for name in sorted(known) if (match := _OF_CLASS.fullmatch(name))}
    return lags | {class_: _seconds(name, class_, known[name].strip()) for class_, name in single.items()}


def _seconds(setting: str, class_: str, written: str) -> int:
    span = _SPAN.fullmatch(written)
    if span is None or not re.fullmatch(r"F\d+", class_):
        example = "lags by class, like F51=7200,F13=2d" if setting == LAGS else "a span of time, like 90m, 4h or 2d"
        raise SettingError(f"{setting} must give {example}.")
    return int(span[1]) * _UNITS[span[2]]


def due_at(happened: datetime, lag_s: int, day: date | None, closings: Sequence[Closing], zone: ZoneInfo) -> datetime:
    """When patience ends: after the lag, or with the close of the period that the day belongs to, if that is earlier.

    Without a `day`, that on which it happened counts, in the entity's time zone. A period closes at the end of its
    closing day there; one that is closed, nobody says since when, is closed for all that belongs to it.
    """
    due = happened + timedelta(seconds=lag_s)
    belongs = day or happened.astimezone(zone).date()
    for closing in closings:
        if closing.first <= belongs <= closing.last:
            return max(happened, min(due, _closed_at(closing, zone)))
    return due


def weekdays_later(start: datetime, lag_s: int, zone: ZoneInfo) -> datetime:
    """The instant when so many seconds of weekdays have passed in a calendar; Saturdays and Sundays do not count.

    Two days from Friday 16:00: 8 hours of Friday, Monday, and 16 hours of Tuesday. Public holidays count as weekdays.
    """
    at, left = start, timedelta(seconds=lag_s)
    while True:
        day = at.astimezone(zone).date()
        next_day = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        if day.weekday() < _SATURDAY:
            if left <= next_day - at:
                return at + left
            left -= next_day - at
        at = next_day


def _closed_at(closing: Closing, zone: ZoneInfo) -> datetime:
    known = closing.closed_on or closing.last
    return datetime.combine(known + timedelta(days=1), time(), zone).astimezone(UTC)
