"""`python -m sync_assets_tests.score --seed 1 2 3`: prints the score per class, ends 1 when it is below the promise.

With `--write` what all seeds gave together becomes the page of scores. With `--switch-off 20` the rules are judged
instead: so many are switched off one at a time, and each must be missed.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context

from rich.console import Console
from rich.table import Table

from sync_assets_tests.score.corpus import read_company, score_seed
from sync_assets_tests.score.judge import Score
from sync_assets_tests.score.page import COLUMNS, PAGE, cells, page, summed
from sync_assets_tests.score.promise import broken
from sync_assets_tests.score.switched_off import drawn, unnoticed

CONSOLE = Console()


def main() -> int:
    """Score the seeds asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1, help="companies at once, each in a process of its own")
    parser.add_argument("--write", action="store_true", help="write docs/score.md")
    parser.add_argument("--switch-off", type=int, metavar="N", help="switch off N rules, one at a time")
    asked = parser.parse_args()
    if asked.switch_off:
        return max(_switch_off(seed, asked.customers, asked.switch_off) for seed in asked.seed)
    companies = []
    with ProcessPoolExecutor(asked.jobs, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for seed, scores in zip(asked.seed, pool.map(score_seed, asked.seed, repeat(asked.customers)), strict=True):
            companies.append(scores)
            _print(seed, asked.customers, scores)
    if asked.write:
        PAGE.write_text(page(summed(companies), asked.seed, asked.customers), encoding="utf-8")
    return max(_told(broken, scores) for scores in companies)


def _told(of: Callable[[Mapping[str, Score]], list[str]], scores: Mapping[str, Score]) -> int:
    found = of(scores)
    for line in found:
        CONSOLE.print(f"Promise broken: {line}", highlight=False)
    return 1 if found else 0


def _print(seed: int, customers: int, scores: Mapping[str, Score]) -> None:
    table = Table("class", *COLUMNS, title=f"seed {seed}, {customers} customers")
    for name, score in sorted(scores.items(), key=lambda item: int(item[0][1:])):
        table.add_row(name, *cells(score))
    CONSOLE.print(table)
    for name, score in sorted(scores.items()):
        for line in [f"missed: {item}" for item in score.missed] + score.wrong:
            CONSOLE.print(f"  {name} {line}", highlight=False)


def _switch_off(seed: int, customers: int, count: int) -> int:
    """Print what the score says without each rule; 1 when it says nothing."""
    blind = 0
    with read_company(seed, customers) as company:
        for rule, promises in unnoticed(company, drawn(company, seed, count)):
            blind += not promises
            CONSOLE.print(f"{rule.name} off: {'; '.join(promises) or 'NOT NOTICED'}", highlight=False)
    return 1 if blind else 0


if __name__ == "__main__":
    sys.exit(main())
