"""The days of a simulated life: business, a pass in trouble, time that goes by, a calm pass, and what must hold."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from sync_assets_tests.graph.company import Company, company
from sync_assets_tests.simulate.claims import unread, untrue
from sync_assets_tests.simulate.killing import pass_of_its_own
from sync_assets_tests.simulate.trouble import Trouble, disturbed, draw, late_rows, write_late_notes

FIRST_DAY = datetime(2025, 1, 1, 9, tzinfo=UTC)
"""Lives begin on some day of this year: fixed, so that a seed replays on any day, and past, so that no day is ours."""

Show = Callable[[str], None]


def simulate(place: Path, *, seed: int, customers: int, days: int, show: Show) -> list[str]:
    """Live so many days after a first read of the history; the claims that did not hold, at the first day they fell."""
    rng = Random(f"life/{seed}")
    begins_at = FIRST_DAY + timedelta(days=rng.randrange(365))
    with company(place, seed=seed, customers=customers, now=begins_at) as living:
        living.sync()
        broken = untrue(living, is_last=False)
        show(_line(living, 0, "the history is read", broken))
        for number in range(1, days + 1):
            if broken:
                break
            rng = Random(f"trouble/{seed}/{number}")
            broken = live_a_day(living, number, draw(rng), rng=rng, show=show, is_last=number == days)
    return broken


def live_a_day(living: Company, number: int, trouble: Trouble, *, rng: Random, show: Show, is_last: bool) -> list[str]:
    """One day with its trouble, and the claims that do not hold at its end; one line is shown."""
    sandbox = living.sandbox
    with late_rows(sandbox, trouble.late_s):
        sandbox.day_of_business()
    notes = write_late_notes(sandbox, trouble.late_s, rng)
    with disturbed(sandbox, trouble, rng):
        ended = pass_of_its_own(sandbox, trouble.killed_at)
    sandbox.advance(trouble.jump)
    living.sync()
    broken = [*unread(living, notes), *untrue(living, is_last=is_last)]
    show(_line(living, number, f"{trouble.in_words()}; the pass in trouble: {ended}", broken))
    return broken


def _line(living: Company, number: int, what: str, broken: list[str]) -> str:
    ((versions, breaks),) = living.rows(
        "SELECT (SELECT count(*) FROM raw.version), (SELECT count(*) FROM integrity.breaks WHERE closed_at IS NULL)"
    )
    state = f"{len(broken)} claims fell" if broken else "all claims hold"
    at = living.sandbox.clock.now()
    return f"day {number} ({at:%Y-%m-%d %H:%M}): {what}; {versions} versions, {breaks} open breaks; {state}"
