"""A scene of any vendor: its server on loopback, an empty store, and settings that name both."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.wire import Server
from sync_assets.store.engine import Store
from sync_assets_tests.scenarios.scene import Scene

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
"""When every scene begins: a Monday noon."""

Play: TypeAlias = Callable[[Callable[[Clock], Any]], Scene]


@pytest.fixture
def play(store: Store, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Open a scene with the vendor that a function makes out of a clock."""
    del home
    open_scenes: list[Scene] = []

    def begin(make: Callable[[Clock], Any]) -> Scene:
        clock = Clock(now_at=START)
        vendor = make(clock)
        server = Server(vendor=vendor, clock=clock).start()
        for name, value in vendor.settings(server.url).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv(f"SYNC_{vendor.name.upper()}_RATE", "600000")
        open_scenes.append(Scene(store=store, vendor=vendor, clock=clock, server=server))
        return open_scenes[-1]

    yield begin
    for scene in open_scenes:
        scene.server.stop()
