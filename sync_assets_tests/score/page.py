"""The page of scores: what `make score` found in companies with known defects, over all seeds that were asked for.

Belongs here: the words and sums of the page. Not here: how a company is scored (corpus.py, judge.py).
"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from sync_assets.reconcile.rules import RULES
from sync_assets_tests.score.judge import Score

PROJECT = Path(__file__).parents[2]
PAGE = PROJECT / "docs" / "score.md"
_COUNTS = ("injected", "found", "owner_right", "hop_right", "false", "early")
COLUMNS = ("injected", "found", "false", "too early", "owner right", "hop right", "money off", "hours")


def summed(scores: Sequence[Mapping[str, Score]]) -> dict[str, Score]:
    """One score per class over several companies; money stays apart by currency."""
    total: dict[str, Score] = {}
    for name, score in (pair for company in scores for pair in company.items()):
        into = total.setdefault(name, Score())
        for count in _COUNTS:
            setattr(into, count, getattr(into, count) + getattr(score, count))
        for currency, minor in score.money_off.items():
            into.money_off[currency] += minor
            into.money_true[currency] += score.money_true[currency]
        if score.hours is not None:
            into.took(score.hours)
        into.missed += score.missed
        into.wrong += score.wrong
    return dict(sorted(total.items(), key=lambda item: int(item[0][1:])))


def page(scores: Mapping[str, Score], seeds: Sequence[int], customers: int) -> str:
    """The page of docs/score.md."""
    titles = {rule.class_: rule.title for rule in reversed(RULES)}
    everything = summed([{"F0": score} for score in scores.values()]).get("F0", Score())
    lines = [
        "# How often it is right",
        "",
        f"Written by `make score` at revision {_revision()}: companies of {customers} customers of the seeds",
        f"{', '.join(map(str, seeds))}, with defects of every class and benign look-alikes of each among them,",
        "read over HTTP with faults of every kind on the wire, and judged as in production before, during and after a",
        "day of business. Found means an open root break of the class on the record; false is any other root; too",
        "early is a root that was called broken during the day while it was only under way. Money off is the sum of",
        "what breaks were worth too much or too little, per currency, in minor units. Hours is how long after the",
        "defect the slowest verdict came, lag and all, where the defect is of that day.",
        "",
        f"| class | what | {' | '.join(COLUMNS)} |",
        "|---|---|" + "---|" * len(COLUMNS),
        *(_row(name, titles.get(name, ""), score) for name, score in scores.items()),
        _row("all", "", everything),
        "",
        f"Recall {everything.recall:.1%}, precision {everything.precision:.1%}. Of {everything.found} found the owner",
        f"is right in {everything.owner_right} and the hop in {everything.hop_right}.",
    ]
    return "\n".join(lines) + "\n"


def cells(score: Score) -> list[str]:
    """The figures of one class, as `COLUMNS` names them."""
    off = ", ".join(f"{minor} {currency}" for currency, minor in sorted(score.money_off.items()) if minor) or "none"
    counts = (score.injected, score.found, score.false, score.early, score.owner_right, score.hop_right)
    return [*map(str, counts), off, "" if score.hours is None else str(score.hours)]


def _row(name: str, title: str, score: Score) -> str:
    return f"| {' | '.join([name, title, *cells(score)])} |"


def _revision() -> str:
    """The short name of the commit that was scored, marked when files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
