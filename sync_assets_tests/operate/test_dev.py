"""`sync-assets dev`, started and stopped as a person does it: in a terminal, with Ctrl-C."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync_assets.store import embedded

pytestmark = pytest.mark.company

STARTS_WITHIN_S, STOPS_WITHIN_S = 150, 60


class Terminal:
    """A command that runs, and the lines it has said so far."""

    def __init__(self, *words: str) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sync_assets.cli", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "COLUMNS": "200"},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            self.lines.extend(said)

    def said(self, pattern: str) -> list[str]:
        """What matched in the lines so far."""
        return re.findall(pattern, "".join(self.lines))

    def close(self) -> None:
        """End it whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=STARTS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()


@pytest.fixture
def dev(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.delenv("SYNC_DATABASE_URL", raising=False)
    running = Terminal("dev", "--customers", "5", "--port", "0")
    yield running
    running.close()


def _until(is_so: Callable[[], object], within_s: float) -> bool:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if is_so():
            return True
        time.sleep(0.2)
    return False


def _members(home: Path) -> dict[int, str]:
    """Every living process that was given this home, or its database, with its command."""
    found, marks = {}, [os.fsencode(str(place)) for place in (home, embedded.where(home / "dev"))]
    for place in Path("/proc").iterdir():
        if not place.name.isdigit() or int(place.name) == os.getpid():
            continue
        try:
            command = (place / "cmdline").read_bytes()
            if any(mark in (place / "environ").read_bytes() + command for mark in marks):
                found[int(place.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return found


def _answers(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310 - an address that our own process printed
            return int(reply.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


def test_dev_serves_every_address_it_prints_and_leaves_nothing_running(dev: Terminal, home: Path) -> None:
    assert _until(lambda: dev.said(r"SYNC_\w+_URL=\S+") and dev.process.poll() is None, STARTS_WITHIN_S), dev.lines
    (page,) = dev.said(r"Dagster UI: (\S+)")
    assert _answers(f"{page}/server_info") == 200
    assert _until(lambda: len(dev.said(r"SYNC_\w+_URL=\S+")) == 5, 5), dev.lines
    for vendor in dev.said(r"SYNC_\w+_URL=(\S+)"):
        # The vendors are up: without a login they refuse, each in its own words.
        assert _answers(vendor) in range(200, 500)
    assert {word for line in _members(home).values() for word in line.split()} >= {
        "code-server",
        "dagster._daemon",
        "dagster_webserver",
    }
    dev.process.send_signal(signal.SIGINT)
    assert dev.process.wait(timeout=STOPS_WITHIN_S) == 0, dev.lines
    assert not dev.said("Traceback"), dev.lines
    assert _until(lambda: not _members(home), 5), _members(home)
