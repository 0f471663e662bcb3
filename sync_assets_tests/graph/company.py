"""A small simulated company with a home and a database of its own: what tests of the running graph live in."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.definitions.sensor_definition import SensorExecutionData
from sqlalchemy import text

from sync_assets.automation import sync_tags, today
from sync_assets.definitions import SYSTEMS, graph
from sync_assets.operate.home import own_home, prepare
from sync_assets.operate.passes import chosen, run_pass
from sync_assets.operate.runs import RunResult, run_job
from sync_assets.sandbox.town import Sandbox
from sync_assets.store import embedded
from sync_assets.store.engine import Store, open_store
from sync_assets.store.resource import StoreResource

SEED, CUSTOMERS = 7, 20

HISTORY_ENDS = timedelta(days=4)
"""How long ago the company's clock stands, so that its days may go by without passing ours."""


@dataclass(kw_only=True)
class Company:
    """The vendors being served, and the store and Dagster home that this process's settings name."""

    sandbox: Sandbox
    store: Store
    place: Path

    def sync(self, *systems: str) -> None:
        """One pass over the named systems, all by default, in which everything works."""
        done = run_pass(self.store, chosen(SYSTEMS, systems), full=False, show=lambda _line: None)
        assert not done.failures, done.failures

    def run(self, job: str, mode: str = "sync") -> RunResult:
        """One run of a job, whatever becomes of it."""
        day = today(self.sandbox.clock.now()) if job.startswith("sync") else None
        return run_job(job, tags=sync_tags(mode) if day else {}, partition_key=day)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """What a query finds in the store; also does what a statement says."""
        with self.store.begin() as connection:
            found = connection.execute(text(query), values)
            return [tuple(row) for row in found] if found.returns_rows else []

    def tick(self, sensor: str) -> SensorExecutionData:
        """One tick of a sensor, as the daemon makes it: it asks for runs and starts none."""
        repository = graph().get_repository_def()
        with (
            dg.DagsterInstance.get() as instance,
            dg.build_sensor_context(
                instance=instance, repository_def=repository, resources={"store": StoreResource()}
            ) as context,
        ):
            return repository.get_sensor_def(sensor).evaluate_tick(context)

    def census(self, system: str) -> dict[str, tuple[list[str], list[str]]]:
        """Per stream the ids that only the vendor has, and those that only we have; empty when both agree."""
        from sync_assets.operate.census import census

        wanted = [item for item in SYSTEMS if item.name == system]
        ours, theirs = census(self.store, wanted, with_ids=True)[system], self.sandbox.census()[system]
        apart = {name: (set(theirs[name]), set(held["ids"])) for name, held in ours.items()}
        return {name: (sorted(a - b), sorted(b - a)) for name, (a, b) in apart.items() if a != b}


@contextmanager
def company(
    place: Path,
    *,
    seed: int = SEED,
    customers: int = CUSTOMERS,
    now: datetime | None = None,
    defects: Mapping[str, int] | None = None,
) -> Iterator[Company]:
    """A company that nobody has read yet; its settings are in the environment for as long as the block runs."""
    before = dict(os.environ)
    os.environ["SYNC_HOME"] = str(place)
    home = own_home("company")
    recent = (datetime.now(UTC) - HISTORY_ENDS).replace(minute=0, second=0, microsecond=0)
    sandbox = Sandbox(seed=seed, customers=customers, now=now or recent, defects=defects).start()
    os.environ.update(sandbox.settings())
    os.environ.update({f"SYNC_{vendor.name.upper()}_RATE": "60000" for vendor in sandbox.vendors})
    try:
        prepare()
        yield Company(sandbox=sandbox, store=open_store(), place=home)
    finally:
        sandbox.stop()
        embedded.stop(home)
        os.environ.clear()
        os.environ.update(before)
