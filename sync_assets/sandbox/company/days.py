"""Calendar days of a legal entity and the instants they begin at: how terms, renewals and document days are counted."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant a day begins in a zone, UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(instant: datetime, zone: ZoneInfo) -> date:
    """The calendar day an instant lies in, in a zone."""
    return instant.astimezone(zone).date()


def month_later(day: date, months: int) -> date:
    """The same day so many months later (or earlier), or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def term_edge(start: datetime, months: int, zone: ZoneInfo) -> datetime:
    """The instant a term that began at `start` ends after so many months: the same local time of day."""
    local = start.astimezone(zone)
    return datetime.combine(month_later(local.date(), months), local.time(), zone).astimezone(UTC)


def next_midnight(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first local midnight after an instant."""
    return midnight(day_of(instant, zone) + timedelta(days=1), zone)


def unix(instant: datetime) -> int:
    """Whole seconds since 1970, as billing and payment systems write instants."""
    return int(instant.timestamp())


def elapsed_terms(start: datetime, end: datetime, months: int, zone: ZoneInfo) -> Fraction:
    """How many terms of so many months lie between two instants: whole ones, and the share of the current one."""
    if end <= start:
        return Fraction(0)
    whole = 0
    while term_edge(start, months * (whole + 1), zone) <= end:
        whole += 1
    began = term_edge(start, months * whole, zone)
    ends = term_edge(start, months * (whole + 1), zone)
    return whole + Fraction(unix(end) - unix(began), unix(ends) - unix(began))


def half_up(amount: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    size = int(abs(amount) + Fraction(1, 2))
    return size if amount >= 0 else -size
