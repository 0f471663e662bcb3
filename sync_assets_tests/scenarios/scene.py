"""One simulated vendor, its server, and our reading of it: what tests of whole systems do and look at.

Belongs here: what any vendor's scenario needs. What a vendor holds at first is in the scene of that vendor.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol

from sqlalchemy import text

from sync_assets.connect.assets import feeding
from sync_assets.connect.discover import connect, earliest, settings_of
from sync_assets.connect.extract import Outcome, Reading, extract
from sync_assets.connect.read_run import conform_entity
from sync_assets.connect.spec import Stream, System
from sync_assets.http.client import TOTAL_S
from sync_assets.model.errors import SyncError
from sync_assets.operate.census import census
from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.wire import Interfere, Reply, Request, Server
from sync_assets.store.engine import Store
from sync_assets.store.streams import stream_states

RUNS_MAX = 3
"""Runs after which a passing fault must have left no trace."""


class Simulated(Protocol):
    """What every simulated vendor can do."""

    name: str

    def put(self, stream: str, record: Record, *, event: str | None = None) -> None: ...

    def delete(self, stream: str, record_id: str) -> None: ...

    def census(self) -> dict[str, list[str]]: ...

    def settings(self, url: str) -> dict[str, str]: ...

    def error(self, status: int, code: str) -> Reply: ...

    def answer(self, request: Request) -> Reply: ...


@dataclass(kw_only=True)
class Scene:
    """A vendor that is being read. `slept` are the seconds the client would have waited; the clock moves by them."""

    store: Store
    vendor: Any
    clock: Clock
    server: Server
    slept: list[float] = field(default_factory=list)
    total_s: float = TOTAL_S
    _runs: int = 0

    @property
    def system(self) -> System:
        """The system as the product declares it."""
        found: System = import_module(f"sync_assets.systems.{self.vendor.name}.spec").SYSTEM
        return found

    def read(self, *names: str, mode: str = "sync") -> list[Outcome]:
        """One run over the named streams, all by default, each with a client of its own."""
        self._runs += 1
        run_id = f"run {self._runs}"
        return [self.read_one(self.system.stream(name), run_id=run_id, mode=mode) for name in self._of(names)]

    def _of(self, names: Sequence[str]) -> Sequence[str]:
        return names or [stream.name for stream in self.system.streams]

    def read_one(self, stream: Stream, *, run_id: str, mode: str) -> Outcome:
        """One stream, read as by a run of the product but with waits that pass at once."""
        settings = settings_of(self.system)
        assert settings is not None
        client = connect(self.system, settings, self.store)
        client.sleep, client.total_s = self.wait, self.total_s
        now = self.system.clock(client) or self.clock.now()
        reading = Reading(
            system=self.system,
            stream=stream,
            client=client,
            run_id=run_id,
            earliest=earliest(settings, now),
            full=mode == "full",
            own_clock=self.clock.now,
        )
        return extract(self.store, reading)

    def wait(self, seconds: float) -> None:
        """Pass the time on the vendor's clock and on the database's."""
        self.slept.append(seconds)
        self.clock.advance(seconds=seconds)
        self.age_budget(seconds)

    def age_budget(self, seconds: float) -> None:
        """Pass the time on the database's clock only, as far as it counts the seconds of a wait."""
        with self.store.begin() as connection:
            passed = "UPDATE sync.budget SET next_free_at = next_free_at - make_interval(secs => :seconds)"
            connection.execute(text(passed), {"seconds": seconds})

    def read_until_done(self, *names: str) -> list[str]:
        """Runs until one ends without an error, at most three; returns the errors on the way."""
        errors: list[str] = []
        for _ in range(RUNS_MAX):
            try:
                self.read(*names)
            except SyncError as error:
                errors.append(f"{type(error).__name__}: {error}")
                self.clock.advance(seconds=30)
            else:
                return errors
        raise AssertionError(f"{RUNS_MAX} runs failed: {errors}")

    def conform(self) -> None:
        """Make copies of everything that was read."""
        self._runs += 1
        for entity, streams in feeding(self.system).items():
            conform_entity(self.store, self.system, entity, f"run {self._runs}", streams)

    def differences(self, *names: str) -> dict[str, tuple[list[str], list[str]]]:
        """Per stream the ids that only the vendor has and those that only we have; empty when both agree."""
        ours = census(self.store, [self.system], with_ids=True)[self.system.name]
        theirs = self.vendor.census()
        apart = {name: (set(theirs[name]), set(ours[name]["ids"])) for name in self._of(names)}
        assert all(len(ours[name]["ids"]) == len(kept) for name, (_, kept) in apart.items()), "an id is stored twice"
        return {name: (sorted(a - b), sorted(b - a)) for name, (a, b) in apart.items() if a != b}

    def count(self, table: str, where: str = "true") -> int:
        """Rows of a table that meet a condition."""
        with self.store.begin() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())

    def rows(self, columns: str, table: str, rest: str = "ORDER BY 1") -> list[tuple[Any, ...]]:
        """Rows of a table of the store."""
        with self.store.begin() as connection:
            return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM {table} {rest}"))]

    def copy(self, entity: str, record_id: str) -> dict[str, str]:
        """The fields of one copy that are not empty, as text; decimals without trailing zeros."""
        with self.store.begin() as connection:
            query = text(f'SELECT * FROM canonical."{entity}" WHERE record_id = :record_id AND system = :system')
            row = connection.execute(query, {"record_id": record_id, "system": self.system.name}).mappings().one()
        return {name: _written(value) for name, value in row.items() if value is not None}

    def dead_letters(self) -> list[tuple[str, str, bytes]]:
        """Record id, reason and exact bytes of every record that was set aside when it was read."""
        import zstandard

        query = """SELECT d.record_id, d.reason, d.start, d.length, p.body
            FROM sync.dead_letter d JOIN raw.page p USING (page_id)
            WHERE d.entity = '' ORDER BY d.record_id, d.reason"""
        unpack = zstandard.ZstdDecompressor()
        with self.store.begin() as connection:
            found = connection.execute(text(query)).all()
        return [
            (
                row.record_id,
                row.reason,
                unpack.decompress(bytes(row.body))[row.start :][: row.length],
            )
            for row in found
        ]

    def high_water(self, name: str) -> Any:
        """Up to which instant of the vendor a stream is read; None before its first read ended."""
        return next((state["high_water_at"] for state in stream_states(self.store) if state["name"] == name), None)

    def meanwhile(self, path: str, happen: Callable[[int], None]) -> None:
        """Let something happen after each answer of which the path contains a text; the argument counts from 1."""
        seen = [0]

        def interfere(request: Request, proceed: Callable[[], Reply]) -> Reply:
            reply = proceed()
            if path in request.raw_target:
                seen[0] += 1
                happen(seen[0])
            return reply

        self.server.faults.append(interfere)

    def disturb(self, *interfering: Interfere) -> None:
        """Put faults in the way of every request from now on; none takes all away."""
        self.server.faults[:] = interfering


def _written(value: Any) -> str:
    if hasattr(value, "normalize"):
        return f"{value.normalize():f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
