"""How long a trace takes to answer: every entity of a company, records at random, and the whole command.

Not here: what is printed and which figures are asked for (__main__.py).
"""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from sync_assets.connect.discover import discover, played
from sync_assets.integrity.trace import trace
from sync_assets.model.entities import ENTITIES
from sync_assets.store.engine import Store

RECORDS, COMMANDS = 200, 20
"""Traces of each entity that are asked for inside one process, and as commands of their own."""

SEED = 11
COMMAND = Path(sys.executable).with_name("sync-assets")


@dataclass(frozen=True, kw_only=True)
class Traced:
    """Seconds in which 95 of 100 are done: traces per entity, whole commands, and a command that does nothing."""

    queries: Mapping[str, float]
    commands: float
    start_up: float

    @property
    def slowest(self) -> tuple[str, float]:
        """The entity whose traces take longest."""
        return max(self.queries.items(), key=lambda item: item[1])


def traced(store: Store, *, records: int = RECORDS, commands: int = COMMANDS) -> Traced:
    """Trace records of every entity that the store has copies of."""
    chosen = {entity: _some_of(store, entity, records) for entity in ENTITIES}
    roles = played(discover("sync_assets.systems"))
    queries = {
        entity: p95([_seconds(lambda: trace(store, entity, wanted, roles)) for wanted in names])  # noqa: B023
        for entity, names in chosen.items()
        if names
    }
    every = [(entity, wanted) for entity, names in chosen.items() for wanted in names]
    asked = random.Random(SEED).sample(every, min(commands, len(every)))
    return Traced(
        queries=queries,
        commands=p95([_seconds(lambda: _command("trace", *pair)) for pair in asked]),  # noqa: B023
        start_up=p95([_seconds(lambda: _command("--help")) for _ in asked]),
    )


def p95(seconds: Sequence[float]) -> float:
    """The time in which 95 of 100 are done, e.g. the 190th of 200."""
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)]


def _some_of(store: Store, entity: str, count: int) -> list[str]:
    """Records of an entity at random, the same ones each time, as `system:record_id`."""
    statement = text(f"""SELECT system || ':' || record_id FROM canonical."{ENTITIES[entity].name}" ORDER BY 1""")
    with store.begin() as connection:
        names = list(connection.execute(statement).scalars())
    return random.Random(SEED).sample(names, min(count, len(names)))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _command(*words: str) -> None:
    subprocess.run([COMMAND, *words], check=True, capture_output=True)
