"""What tests of the command line share: the shell, and one simulated vendor of few records."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import pytest

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.wire import Server
from sync_assets_tests.operate.shell import Say, saying

Serve: TypeAlias = Callable[[type[Any]], Server]

QUICK_RATE = "60000"


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Give a command in this process."""
    return saying(capsys, monkeypatch)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Serve a simulated vendor without records, with settings that name it."""
    servers: list[Server] = []

    def begin(make: type[Any]) -> Server:
        clock = Clock(now_at=datetime.now(UTC) - timedelta(minutes=1))
        vendor = make(clock=clock, seed=1)
        servers.append(Server(vendor=vendor, clock=clock).start())
        for name, value in vendor.settings(servers[-1].url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(f"SYNC_{vendor.name.upper()}_RATE", QUICK_RATE)
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()
