"""Reading everything: what it costs beside the floor and beside a peer, at two sizes of the pages.

Chargebee gives at most 100 records a page, other vendors 1,000; the smaller the pages, the more of every reader's cost
is that of asking for them. Both sides read the same pages of the same server.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console

from sync_assets_tests.bench.line import Line
from sync_assets_tests.bench.meter import Cost, PageServer
from sync_assets_tests.bench.runs import dlt_environment, fresh_home, run

SMALL, LARGE = 200_000, 1_000_000
PAGE, LONG_PAGE = 100, 1_000

DLT_SHARE = 5
"""The peer reads a fifth of the records: its cost per record is the same, and it takes an hour for a million."""


@dataclass(frozen=True, kw_only=True)
class Reads:
    """What reading everything cost: the floor, ours, and ours a second time."""

    floor: Cost
    first: Cost
    second: Cost


def reading(scale: float) -> Iterator[Line]:
    """A full read against the floor and the peer, and the same read again."""
    sizes = int(SMALL * scale), int(LARGE * scale)
    small, large = (_reads(size) for size in sizes)
    records, ours = sizes[1] - sizes[0], large.first.cpu_s - small.first.cpu_s
    floor, again = large.floor.cpu_s - small.floor.cpu_s, large.second.cpu_s - small.second.cpu_s
    yield Line(
        what=f"full read to gated copies / fetch, decode, COPY; pages of {PAGE}",
        figure=ours / floor,
        unit="x",
        target=2.5,
        at_most=True,
        detail=f"{ours:.1f} s and {floor:.1f} s CPU for {records:,} records",
    )
    yield Line(
        what="second read / first read",
        figure=again / ours,
        unit="x",
        target=1 / 3,
        at_most=True,
        detail=f"{again:.1f} s CPU; new versions and changed copies: none",
    )
    yield Line(
        what="peak memory",
        figure=max(large.first.peak_mb, large.second.peak_mb),
        unit="MB",
        target=450,
        at_most=True,
        detail=f"{small.first.peak_mb:.0f} MB at {sizes[0]:,} records, {large.first.peak_mb:.0f} at {sizes[1]:,}",
    )
    yield from _against_dlt(sizes, records / ours, PAGE)
    long = [_first_read(size, LONG_PAGE).cpu_s for size in sizes]
    yield from _against_dlt(sizes, records / (long[1] - long[0]), LONG_PAGE)


def _reads(count: int) -> Reads:
    with fresh_home() as home, PageServer(count=count, page=PAGE) as server:
        floor = run(home, "baseline", server.url)
        first = run(home, "ours", server.url, BENCH_MODE="full")
        return Reads(floor=floor, first=first, second=run(home, "reread", server.url))


def _first_read(count: int, page: int) -> Cost:
    with fresh_home() as home, PageServer(count=count, page=page) as server:
        return run(home, "ours", server.url, BENCH_MODE="full")


def _against_dlt(sizes: tuple[int, int], ours_per_s: float, page: int) -> Iterator[Line]:
    python = dlt_environment()
    if python is None:
        Console().print("dlt cannot be installed here (no index answers); its ratios are left out.")
        return
    small, large = (size // DLT_SHARE for size in sizes)
    for how, target in (("default", 10.0), ("tuned", 5.0)):
        costs = [_dlt(size, page, how, str(python)) for size in (small, large)]
        theirs_per_s = (large - small) / (costs[1].cpu_s - costs[0].cpu_s)
        yield Line(
            what=f"records per CPU second / dlt REST source, {how}; pages of {page:,}",
            figure=ours_per_s / theirs_per_s,
            unit="x",
            target=target,
            at_most=False,
            detail=f"{ours_per_s:,.0f} and {theirs_per_s:,.0f} records per CPU second",
        )


def _dlt(count: int, page: int, how: str, python: str) -> Cost:
    with fresh_home() as home, PageServer(count=count, page=page) as server:
        return run(home, "dlt", server.url, BENCH_DLT=how, BENCH_DLT_PYTHON=python)
