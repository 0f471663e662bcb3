"""What of deferred revenue is due for recognition in which run, by the way in which a company recognises. Pure.

Belongs here: schedules in whole months and by days, and to which run a part falls. Not here: where documents and runs
are read from, and what is a break (rules/deferred.py).
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Deferred:
    """A document's amount on deferred revenue for a service from a day to another, in minor units, credits negative."""

    document_id: str
    created_at: datetime
    starts_on: date
    ends_on: date
    minor: int
    is_doubtful: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """One recognition of a month: the journal and what it moved; without a journal it was left out."""

    month: date
    created_at: datetime
    minor: int
    journal_id: str | None = None


@dataclass(kw_only=True)
class Due:
    """What should be recognised by a run, over how many rounded parts, and the doubtful documents among them."""

    minor: int = 0
    parts: int = 0
    doubtful: tuple[str, ...] = ()


Method = Callable[[Deferred], Iterator[tuple[date, int]]]
"""From a deferred amount to (first of month, part); the parts make the amount."""


def by_months(deferred: Deferred) -> Iterator[tuple[date, int]]:
    """Equal parts from the month in which the service begins; the last has the rest: 100 over three is 33, 33, 34."""
    return _even(deferred, deferred.starts_on.replace(day=1))


def by_months_after(deferred: Deferred) -> Iterator[tuple[date, int]]:
    """The same from the month after, unless the service begins with its month."""
    return _even(deferred, _later(deferred.starts_on.replace(day=1), 0 if deferred.starts_on.day == 1 else 1))


def _even(deferred: Deferred, first: date) -> Iterator[tuple[date, int]]:
    begins, end = deferred.starts_on, deferred.ends_on
    count = max((end.year - begins.year) * 12 + end.month - begins.month, 1)
    part = _share(deferred.minor, 1, count)
    for number in range(count - 1):
        yield _later(first, number), part
    yield _later(first, count - 1), deferred.minor - part * (count - 1)


def by_days(deferred: Deferred) -> Iterator[tuple[date, int]]:
    """Each month's share of the days of service; the last has the rest."""
    days = max((deferred.ends_on - deferred.starts_on).days, 1)
    month, told = deferred.starts_on.replace(day=1), 0
    while _later(month, 1) < deferred.ends_on:
        passed = (_later(month, 1) - max(month, deferred.starts_on)).days
        part = _share(deferred.minor, passed, days)
        told += part
        yield month, part
        month = _later(month, 1)
    yield month, deferred.minor - told


METHODS: tuple[Method, ...] = (by_months, by_days, by_months_after)
"""Source: NetSuite online help, revenue recognition methods (straight-line by even periods, using exact days), and the
offset of a schedule's first period."""


def due_by_run(documents: Sequence[Deferred], runs: Sequence[Run], method: Method) -> list[Due]:
    """What each run had to recognise: each part by the first run of its month or later that knew the document.

    `runs` in order of their months; parts that no run has come to yet are nobody's.
    """
    months = [run.month for run in runs]
    due = [Due() for _ in runs]
    for document in documents:
        for month, part in method(document):
            at = bisect_left(months, month)
            while at < len(runs) and runs[at].created_at < document.created_at:
                at += 1
            if at < len(runs):
                due[at].minor += part
                due[at].parts += 1
                if document.is_doubtful and document.document_id not in due[at].doubtful:
                    due[at].doubtful += (document.document_id,)
    return due


ENOUGH = 2
"""Runs that a method must explain to the unit, and a third of all, before it says what another run should have been."""


def usual_due(documents: Sequence[Deferred], runs: Sequence[Run]) -> list[Due] | None:
    """What each run had to recognise by the method that the company's own runs bear out; None when none does."""
    found = [due_by_run(documents, runs, method) for method in METHODS]
    best = max(found, key=lambda due: _matches(due, runs))
    return best if _matches(best, runs) >= max(ENOUGH, len(runs) / 3) else None


def agree(due: Due, run: Run) -> bool:
    """Whether a run recognised what was due, to the minor unit for each part that was rounded."""
    return due.parts > 0 and abs(due.minor - run.minor) <= due.parts


def not_made_good(runs: Sequence[Run], due: Sequence[Due], *, but: frozenset[date]) -> list[tuple[Run, Due]]:
    """The runs that differ from what was due, without those that a later run made good and the months left out.

    Those before the first that agrees are left out too: what was deferred before the first documents is not known.
    """
    pairs = list(zip(runs, due, strict=True))
    first = next((at for at, (run, one) in enumerate(pairs) if agree(one, run)), len(pairs))
    wrong: list[tuple[Run, Due]] = []
    for run, one in pairs[first:]:
        if run.month in but or agree(one, run) or (one.parts == 0 and run.minor == 0):
            continue
        gap = one.minor - run.minor
        earlier = next((each for each in wrong if abs(each[1].minor - each[0].minor + gap) <= one.parts), None)
        if earlier is None:
            wrong.append((run, one))
        else:
            wrong.remove(earlier)
    return wrong


def _matches(due: Sequence[Due], runs: Sequence[Run]) -> int:
    return sum(agree(one, run) for one, run in zip(due, runs, strict=True))


def _share(minor: int, of: int, whole: int) -> int:
    """A share cut to the minor unit towards nothing, credits as debits."""
    size = abs(minor) * of // whole
    return size if minor >= 0 else -size


def _later(month: date, count: int) -> date:
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def last_day(month: date) -> date:
    """The last day of a month."""
    return _later(month, 1) - timedelta(days=1)
