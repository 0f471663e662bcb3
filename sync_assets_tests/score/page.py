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
_COUNTS = ("injected", "found", "owner_right", "hop_right", "false")


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
        "read over HTTP and judged as in production. Found means an open root break of the class on the record; false",
        "is any other root. Money off is the sum of what breaks were worth too much or too little, per currency, in",
        "minor units.",
        "",
        "| class | what | injected | found | false | owner right | hop right | money off |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(name, titles.get(name, ""), score) for name, score in scores.items()),
        _row("all", "", everything),
        "",
        f"Recall {everything.recall:.1%}, precision {everything.precision:.1%}.",
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, title: str, score: Score) -> str:
    off = ", ".join(f"{minor} {currency}" for currency, minor in sorted(score.money_off.items()) if minor) or "none"
    counts = (score.injected, score.found, score.false, score.owner_right, score.hop_right)
    return f"| {name} | {title} | {' | '.join(map(str, counts))} | {off} |"


def _revision() -> str:
    """The short name of the commit that was scored, marked when files differ from it."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"
