"""What a break is worth when it grows with time: so much for each billing period that has passed. Exact fractions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction


def months_later(start: datetime, months: int) -> datetime:
    """The same day and time a number of months later, or the last day of a shorter month."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def periods_elapsed(start: datetime, now: datetime, months: int) -> Fraction:
    """Whole periods since the start in its own time zone, and the share of the current one that has passed (seconds).

    From 1 January to 15 March with monthly periods: 2 whole ones and 14 of 31 days of the third.
    """
    if now <= start or months <= 0:
        return Fraction(0)
    now = now.astimezone(start.tzinfo)
    whole = max(0, ((now.year - start.year) * 12 + now.month - start.month) // months - 1)
    while months_later(start, (whole + 1) * months) <= now:
        whole += 1
    begin, end = (months_later(start, count * months).astimezone(UTC) for count in (whole, whole + 1))
    passed = now.astimezone(UTC) - begin
    return whole + Fraction(int(passed.total_seconds()), int((end - begin).total_seconds()))


def accrued_minor(per_period_minor: int, start: datetime, now: datetime, months: int) -> int:
    """The money accrued by now, rounded half up to the minor unit."""
    return _rounded(periods_elapsed(start, now, months) * per_period_minor)


@dataclass(frozen=True, kw_only=True)
class Worth:
    """Minor units at risk by now, and what is still to come until the commitment ends."""

    risk_minor: int
    forward_minor: int = 0


def worth(per_period_minor: int, start: datetime, now: datetime, until: datetime | None, months: int) -> Worth:
    """What a gap per billing period has cost since it began, and will cost until the commitment ends.

    Of a year billed by the month, seen after 2 1/2 months, 2 1/2 periods are at risk and 9 1/2 are to come; the two
    together are the rounded whole. Without a commitment, or behind its end, nothing more is to come.
    """
    if until is None:
        return Worth(risk_minor=accrued_minor(per_period_minor, start, now, months))
    risk = accrued_minor(per_period_minor, start, now, months)
    whole = accrued_minor(per_period_minor, start, max(until, start), months)
    return Worth(risk_minor=risk, forward_minor=max(0, whole - risk))


def _rounded(amount: Fraction) -> int:
    return int(amount + Fraction(1, 2))
