"""Pieces of work run in processes and homes of their own, and the environment that the peer needs."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync_assets.store import embedded
from sync_assets_tests.bench.meter import Cost


@contextmanager
def fresh_home() -> Iterator[Path]:
    """A home with a Postgres server of its own, gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="sync-assets-bench-"))
    try:
        yield place
    finally:
        embedded.stop(place)
        shutil.rmtree(embedded.where(place).parent, ignore_errors=True)
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def read_company(customers: int) -> Iterator[Path]:
    """The home of a company without defects that was read and judged once; its server goes with it."""
    from sync_assets_tests.graph.company import company

    with fresh_home() as home:
        with company(home, customers=customers, defects={}) as opened:
            opened.sync()
        try:
            yield opened.place
        finally:
            embedded.stop(opened.place)
            shutil.rmtree(embedded.where(opened.place).parent, ignore_errors=True)


def run(home: Path, name: str, url: str = "", **settings: str) -> Cost:
    """Do a piece of work in a new process; SystemExit with what it said when it fails."""
    result = home / "result.json"
    own = {name: value for name, value in os.environ.items() if not name.startswith("SYNC_")}
    done = subprocess.run(
        [sys.executable, "-m", "sync_assets_tests.bench.work", name, url],
        env={**own, "SYNC_HOME": str(home), "BENCH_RESULT": str(result), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{name}: {(done.stderr.strip() or done.stdout.strip())[-600:]}")
    return Cost(**json.loads(result.read_text()))


def dlt_environment() -> Path | None:
    """The Python of an environment with dlt, made once; None when it cannot be had (no network, no index)."""
    place = Path(os.environ.get("SYNC_HOME") or ".sync").absolute() / "dlt"
    python = place / "bin" / "python"
    uv = Path(sys.executable).parent / "uv"
    for command in (
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, place],
        [uv, "pip", "install", "--quiet", "--python", python, "dlt[postgres]"],
    ):
        try:
            done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        except OSError:
            return None
        if done.returncode:
            return None
    return python
