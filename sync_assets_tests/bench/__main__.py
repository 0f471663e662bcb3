"""`python -m sync_assets_tests.bench [part...] [--scale 0.05]`: measures, prints ratios beside their targets.

Costs are CPU seconds of client and database together; what grows with the records is the difference of two sizes, so
that start-up does not count. Writes the page when every part was measured. Ends 1 when a target is missed.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sync_assets_tests.bench.line import Line
from sync_assets_tests.bench.linking import NEW
from sync_assets_tests.bench.meter import Cost, PageServer
from sync_assets_tests.bench.reading import reading
from sync_assets_tests.bench.runs import fresh_home, read_company, run
from sync_assets_tests.bench.tracing import COMMANDS, RECORDS, traced
from sync_assets_tests.graph.company import company
from sync_assets_tests.identity.people_of_febrl import TRUE, Found

FEW, MANY, CHANGED = 20_000, 2_000_000, 1_000
AUDITED_FEW, AUDITED_MANY, DAMAGES, WITHHELD = 20_000, 1_000_000, 1_000, 200
"""Records that are audited; those of the many that are damaged, some of them by being shown too late."""

INVOICES, ONCE = 2_000_000, 100
"""How many invoices are judged, and of how many customers the company is whose copies they belong to."""

CUSTOMERS, TRACED = 1_000_000, 1_000
SLOWEST = 5
"""Rules that `--explain` lists."""

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def main() -> int:
    """Measure, print and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure; everything when not said")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full sizes; 0.05 takes some minutes")
    parser.add_argument("--explain", action="store_true", help="also name the rules that take longest")
    asked = parser.parse_args()
    console, lines = Console(), list[Line]()
    for line in chain.from_iterable(PARTS[part](asked) for part in asked.parts or PARTS):
        console.print(*line.cells(), sep=" | ", highlight=False)
        lines.append(line)
    table = Table("what", "measured", "target", "", "from", title=f"scale {asked.scale:g}")
    for line in lines:
        table.add_row(*line.cells())
    console.print(table)
    if not asked.parts:
        PAGE.write_text(_page(lines, asked.scale))
    return 0 if all(line.is_met for line in lines) else 1


def changing(scale: float) -> Iterator[Line]:
    """An incremental run of the same changes on few and on many stored records."""
    few, many = (_incremental(int(size * scale)) for size in (FEW, MANY))
    yield Line(
        what=f"{int(CHANGED * min(scale, 1)):,} changes on many / on few stored records",
        figure=many.cpu_s / few.cpu_s,
        unit="x",
        target=1.3,
        at_most=True,
        detail=f"{many.cpu_s:.1f} s on {int(MANY * scale):,}, {few.cpu_s:.1f} s on {int(FEW * scale):,}",
    )


def _incremental(count: int) -> Cost:
    changed = min(CHANGED, count)
    with fresh_home() as home:
        with PageServer(count=count) as before:
            run(home, "ours", before.url, BENCH_MODE="full")
        run(home, "at_rest")
        with PageServer(count=count, changed=changed) as after:
            return run(home, "ours", after.url, BENCH_MODE="sync")


@dataclass(frozen=True, kw_only=True)
class Audits:
    """What auditing everything cost, clean and damaged, beside reading it a second time."""

    again: Cost
    clean: Cost
    damaged: Cost


def auditing(scale: float) -> Iterator[Line]:
    """An audit of everything that was read: once as it is, once with records damaged and withheld at random."""
    damages = max(int(DAMAGES * scale), 10)
    few, many = (_audits(int(size * scale), damages) for size in (AUDITED_FEW, AUDITED_MANY))
    records = int((AUDITED_MANY - AUDITED_FEW) * scale)
    cost, again = (after.cpu_s - before.cpu_s for after, before in ((many.clean, few.clean), (many.again, few.again)))
    yield Line(
        what="audit of everything / second read of the same list",
        figure=cost / again,
        unit="x",
        target=1,
        at_most=True,
        detail=f"{cost:.1f} s CPU for {records:,} records, {cost / records * 100_000:.1f} s for 100,000; none reported",
    )
    yield Line(
        what=f"audit with {damages:,} records damaged or withheld / clean",
        figure=many.damaged.cpu_s / many.clean.cpu_s,
        unit="x",
        target=1.3,
        at_most=True,
        detail=f"all {damages:,} of {int(AUDITED_MANY * scale):,} found, called what they are, mended; no other",
    )
    yield Line(
        what="peak memory of an audit",
        figure=max(cost.peak_mb for cost in (many.clean, many.damaged)),
        unit="MB",
        target=450,
        at_most=True,
        detail=f"{few.clean.peak_mb:.0f} MB at {int(AUDITED_FEW * scale):,}, "
        f"{many.clean.peak_mb:.0f} at {int(AUDITED_MANY * scale):,}",
    )


def _audits(count: int, damages: int) -> Audits:
    """Read, read again, audit, damage and audit again; every withheld record shows only to the last audit."""
    hidden = damages * WITHHELD // DAMAGES
    with fresh_home() as home:
        with PageServer(count=count, withheld=hidden) as before:
            run(home, "ours", before.url, BENCH_MODE="full", BENCH_RAW="1")
            again, clean = run(home, "reread", before.url, BENCH_RAW="1"), run(home, "audit", before.url)
        run(home, "damage", BENCH_COUNT=str(count), BENCH_DAMAGES=str(damages), BENCH_WITHHELD=str(hidden))
        with PageServer(count=count) as after:
            return Audits(again=again, clean=clean, damaged=run(home, "audit_damaged", after.url))


def loading() -> Iterator[Line]:
    """What loading the code location costs, without any heavy library."""
    with fresh_home() as home:
        cost = run(home, "load")
    detail = "Great Expectations and pandas are not imported"
    yield Line(what="load the code location", figure=cost.cpu_s, unit="s", target=5, at_most=True, detail=detail)
    yield Line(
        what="memory of the code location", figure=cost.peak_mb, unit="MB", target=150, at_most=True, detail=detail
    )


def reconciling(scale: float, *, explain: bool) -> Iterator[Line]:
    """What judging costs with every rule: some changed invoices among many, then all of them."""
    invoices = int(INVOICES * scale)
    with read_company(ONCE) as home:
        first = run(home, "reconcile_first", BENCH_INVOICES=str(invoices))
        cost = run(home, "reconcile", BENCH_EXPLAIN="1" if explain else "")
        if explain:
            _tell_slowest(json.loads((home / "rules.json").read_text()))
        whole = run(home, "everything")
    for which, took, target in (("the first 16 classes", first, 1), ("every rule", cost, 3)):
        yield Line(
            what=f"reconcile {CHANGED:,} changed invoices by {which}, database time",
            figure=took.server_s,
            unit="s",
            target=target,
            at_most=True,
            detail=f"{invoices:,} invoices in three systems; {took.client_s:.1f} s CPU of the client",
        )
    yield Line(
        what=f"judge all of {invoices:,} invoices",
        figure=whole.wall_s,
        unit="s",
        target=120,
        at_most=True,
        detail=f"{whole.cpu_s:.1f} s CPU of client and database",
    )
    yield Line(
        what="memory of client and database meanwhile",
        figure=whole.together_mb,
        unit="MB",
        target=2048,
        at_most=True,
        detail=f"the client alone never passed {whole.peak_mb:.0f} MB",
    )


def linking(scale: float) -> Iterator[Line]:
    """Who is whom: FEBRL's labelled records, then customers by the million."""
    with fresh_home() as home:
        run(home, "febrl")
        yield from _found(Found(**json.loads((home / "febrl.json").read_text())))
    customers = int(CUSTOMERS * scale)
    with fresh_home() as home:
        whole = run(home, "link", BENCH_CUSTOMERS=str(customers))
        more = run(home, "link_more", BENCH_CUSTOMERS=str(customers))
    for what, cost, target in (
        (f"link {customers:,} customers", whole, 180),
        (f"link {NEW:,} new ones among {customers:,}", more, 15),
    ):
        detail = f"{cost.cpu_s:.1f} s CPU; the client's memory never passed {cost.peak_mb:.0f} MB"
        yield Line(what=what, figure=cost.wall_s, unit="s", target=target, at_most=True, detail=detail)


def _found(found: Found) -> Iterator[Line]:
    """How right it is, with the questions to a person and without them."""
    asked = found.asked_right + found.asked_wrong
    yield Line(
        what="FEBRL 4, F1 of links and questions",
        figure=found.f1,
        unit="",
        target=0.999,
        at_most=False,
        detail=f"{found.asked_right:,} of {asked:,} questions name the right one first",
    )
    yield Line(
        what="FEBRL 4, precision of the links alone",
        figure=found.linked_right / (found.linked_right + found.linked_wrong),
        unit="",
        target=1,
        at_most=False,
        detail=f"recall {found.linked_right / TRUE:.3f}, F1 {found.links_f1:.4f}: {found.linked_right:,} of {TRUE:,} "
        f"linked right, {found.linked_wrong} wrong",
    )


def _tell_slowest(times: Mapping[str, float]) -> None:
    for name, took in sorted(times.items(), key=lambda item: -item[1])[:SLOWEST]:
        Console().print(f"{took:8.0f} ms  {name}", highlight=False)


def tracing(scale: float) -> Iterator[Line]:
    """What tracing any record of a company takes: its questions to the database, and the whole command."""
    customers = max(10, int(TRACED * scale))
    with fresh_home() as home, company(home, customers=customers) as opened:
        opened.sync()
        found = traced(opened.store)
    entity, slowest = found.slowest
    yield Line(
        what="trace of a record, without start-up (p95)",
        figure=slowest,
        unit="s",
        target=1,
        at_most=True,
        detail=f"{entity}, the slowest of {len(found.queries)} entities, {RECORDS} each; {customers:,} customers",
    )
    yield Line(
        what="sync-assets trace, the whole command (p95)",
        figure=found.commands,
        unit="s",
        target=1,
        at_most=True,
        detail=f"{COMMANDS} commands; one that only says its --help takes {found.start_up:.2f} s",
    )


PARTS: Mapping[str, Callable[[argparse.Namespace], Iterator[Line]]] = {
    "reading": lambda asked: reading(asked.scale),
    "changing": lambda asked: changing(asked.scale),
    "auditing": lambda asked: auditing(asked.scale),
    "reconciling": lambda asked: reconciling(asked.scale, explain=asked.explain),
    "linking": lambda asked: linking(asked.scale),
    "tracing": lambda asked: tracing(asked.scale),
    "loading": lambda _: loading(),
}
"""What can be measured, in order."""


def _page(lines: list[Line], scale: float) -> str:
    head = (
        "# Benchmarks\n\n"
        f"Written by `python -m sync_assets_tests.bench` at scale {scale:g}. CPU is that of\n"
        "the client and of the whole Postgres server; what grows with the records is the difference of two sizes.\n\n"
        "| what | measured | target | | from |\n|---|---|---|---|---|\n"
    )
    return head + "".join(f"| {' | '.join(line.cells())} |\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
