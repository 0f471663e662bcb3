"""`python -m sync_assets_tests.score --seed 1 2 3`: prints the score per class, ends 1 when it is below the promise.

With `--write` what all seeds gave together becomes the page of scores.
"""

import argparse
import sys

from rich.console import Console
from rich.table import Table

from sync_assets_tests.score.corpus import score_seed
from sync_assets_tests.score.judge import Score
from sync_assets_tests.score.page import PAGE, page, summed

RECALL_MIN, PRECISION_MIN, HOP_MIN, MONEY_OFF_MAX = 0.99, 0.99, 0.95, 0.001


def main() -> int:
    """Score the seeds asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--write", action="store_true", help="write docs/score.md")
    asked = parser.parse_args()
    companies = []
    for seed in asked.seed:
        companies.append(score_seed(seed, asked.customers))
        _print(seed, asked.customers, companies[-1])
    if asked.write:
        PAGE.write_text(page(summed(companies), asked.seed, asked.customers), encoding="utf-8")
    return 0 if all(map(passes, companies)) else 1


def _print(seed: int, customers: int, scores: dict[str, Score]) -> None:
    table = Table("class", "injected", "found", "false", "owner", "hop", "money off", title=f"seed {seed}, {customers}")
    for name, score in sorted(scores.items(), key=lambda item: int(item[0][1:])):
        off = ", ".join(f"{minor} {currency}" for currency, minor in score.money_off.items() if minor)
        counts = (score.injected, score.found, score.false, score.owner_right, score.hop_right)
        table.add_row(name, *map(str, counts), off or "0")
    console = Console()
    console.print(table)
    for name, score in sorted(scores.items()):
        for line in [f"missed: {item}" for item in score.missed] + score.wrong:
            console.print(f"  {name} {line}", highlight=False)


def passes(scores: dict[str, Score]) -> bool:
    """The corpus as a whole is found as well as promised."""
    injected = sum(score.injected for score in scores.values())
    found = sum(score.found for score in scores.values())
    false = sum(score.false for score in scores.values())
    hops = sum(score.hop_right for score in scores.values())
    true: dict[str, int] = {}
    off: dict[str, int] = {}
    for score in scores.values():
        for currency, minor in score.money_true.items():
            true[currency] = true.get(currency, 0) + minor
            off[currency] = off.get(currency, 0) + score.money_off[currency]
    money_right = all(off[currency] <= MONEY_OFF_MAX * true[currency] for currency in true)
    return (
        found >= RECALL_MIN * injected
        and false <= (1 - PRECISION_MIN) * max(found, 1)
        and hops >= HOP_MIN * found
        and money_right
    )


if __name__ == "__main__":
    sys.exit(main())
