"""Measuring a piece of work: CPU seconds of this process and of a whole Postgres server, peak memory."""

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")

_LOOK_S = 0.5
"""How often memory is looked at."""

_REAPED_S = 0.3
"""How long the postmaster may take to count the CPU of a backend that has just ended."""


@dataclass(kw_only=True)
class Cost:
    """What a piece of work cost."""

    client_s: float = 0.0
    server_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0
    together_mb: float = 0.0
    """Client and server at their highest: what each holds for itself, and what the server's processes share."""

    @property
    def cpu_s(self) -> float:
        """Client and database together."""
        return self.client_s + self.server_s


def _stat(pid: str) -> tuple[str, float, float]:
    """Parent, own CPU and CPU of ended children of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own, ended = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return fields[1], own / _TICKS, ended / _TICKS


def server_cpu_s(data: Path) -> float:
    """CPU that a Postgres server and all its backends, also the ended ones, have used so far."""
    postmaster = (data / "postmaster.pid").read_text().split("\n")[0]
    _, own, ended = _stat(postmaster)
    total = own + ended
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent, used, _ = _stat(process.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += used if parent == postmaster else 0.0
    return total


def _held_mb(process: str) -> tuple[float, float]:
    """What a process holds for itself, and what of shared memory it has touched."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return tuple(int(lines.get(name, "0 kB").split()[0]) / 1024 for name in ("RssAnon", "RssShmem"))  # type: ignore[return-value]


def _server_mb(data: Path) -> float:
    """What a Postgres server and its backends hold: each its own memory, and once what they share."""
    postmaster = (data / "postmaster.pid").read_text().split("\n")[0]
    own, shared = _held_mb(postmaster)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if _stat(process.name)[0] == postmaster:
                mine, touched = _held_mb(process.name)
                own, shared = own + mine, max(shared, touched)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return own + shared


@contextmanager
def _watched(data: Path, cost: Cost) -> Iterator[None]:
    """Look at the memory of this process and the server a few times a second while the block runs."""
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK_S):
            cost.together_mb = max(cost.together_mb, _held_mb("self")[0] + _server_mb(data))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _client_cpu_s() -> float:
    """CPU of this process and of the processes that it started and saw end."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


@contextmanager
def measured(data: Path) -> Iterator[Cost]:
    """The cost of the block, filled in when it ends."""
    cost = Cost()
    time.sleep(_REAPED_S)
    client, server, wall = _client_cpu_s(), server_cpu_s(data), time.monotonic()
    with _watched(data, cost):
        yield cost
    cost.client_s = _client_cpu_s() - client
    cost.wall_s = time.monotonic() - wall
    time.sleep(_REAPED_S)
    cost.server_s = server_cpu_s(data) - server
    cost.peak_mb = peak_mb()


@dataclass(kw_only=True)
class PageServer:
    """The page server in a process of its own."""

    count: int
    changed: int = 0
    withheld: int = 0
    page: int = 100
    process: "subprocess.Popen[str] | None" = field(default=None)
    url: str = ""

    def __enter__(self) -> "PageServer":
        sizes = [str(size) for size in (self.count, self.changed, self.withheld, self.page)]
        command = [sys.executable, "-m", "sync_assets_tests.bench.pages", *sizes]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


def peak_mb() -> float:
    """The most memory that this process ever held in MB; what its parent held before it began does not count."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
