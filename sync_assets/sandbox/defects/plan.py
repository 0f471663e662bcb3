"""Which defects and twins a made-up history gets, and when they happen in it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules
from random import Random

from sync_assets.sandbox import defects
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.defects.in_flight import plan_in_flight
from sync_assets.sandbox.defects.registry import DEFECTS, Window, class_of
from sync_assets.sandbox.defects.story import plan_story
from sync_assets.sandbox.defects.twins import TWINS

for _module in iter_modules(defects.__path__):
    if f"{defects.__name__}.{_module.name}" != __name__:
        import_module(f"{defects.__name__}.{_module.name}")
"""Every module beside this one may fill the registries of defects and twins."""

_EARLIEST_DAYS = 75
_LATEST_DAYS = 12
"""Defects of the history are old enough for every class's lag, and young enough to be open."""

PER_CUSTOMERS = 60
"""One defect of each class, and one twin of each kind, for so many customers."""

_COMPANIES = 3
"""Three companies of following seeds have, between them, every way in which a class goes wrong, however small."""


def plan_history(company: Company, customers: int, wanted: Mapping[str, int] | None, *, twins: bool) -> int:
    """Plan defects, twins and the customer of the story; returns how many customers they take.

    Raises:
        KeyError: a class that cannot be made.
    """
    today_at = company.today_at
    window = Window(earliest=today_at - timedelta(days=_EARLIEST_DAYS), latest=today_at - timedelta(days=_LATEST_DAYS))
    rounds = max(customers // PER_CUSTOMERS, 1)
    counts = in_turns(company.seed, rounds) if wanted is None else wanted
    taken = 0
    for name, count in sorted(counts.items()):
        for number in range(count):
            rng = Random(f"defect/{company.seed}/{name}/{number}")
            DEFECTS[name](company, rng, window)
            taken += 1
    for kind, plan_twin in sorted(TWINS.items()) if twins else ():
        for number in range(rounds):
            plan_twin(company, Random(f"twin/{company.seed}/{kind}/{number}"), window)
            taken += 1
    company.protagonist = plan_story(company, today_at)
    taken += 1
    if twins:
        taken += len(plan_in_flight(company, Random(f"in flight/{company.seed}"), today_at))
    return taken


def in_turns(seed: int, rounds: int) -> Counter[str]:
    """How many of each defect: so many rounds of each class, whose ways take turns and begin with another per seed."""
    ways: dict[str, list[str]] = defaultdict(list)
    for name in sorted(DEFECTS):
        ways[class_of(name)].append(name)
    counts: Counter[str] = Counter()
    for names in ways.values():
        count = max(rounds, -(-len(names) // _COMPANIES))
        first = seed % _COMPANIES * count
        counts.update(names[number % len(names)] for number in range(first, first + count))
    return counts
