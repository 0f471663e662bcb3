"""The sandbox as an audience: the demo, the living development setup, the vendors alone."""

import os
import signal
import threading
from collections.abc import Callable
from os.path import relpath
from types import FrameType

from rich.console import Console

from sync_assets.connect.discover import played
from sync_assets.model.errors import SyncError
from sync_assets.operate.home import own_home, prepare
from sync_assets.operate.passes import Pass, chosen, run_pass
from sync_assets.operate.runs import progress_shown
from sync_assets.operate.services import services
from sync_assets.sandbox.town import Sandbox
from sync_assets.store import embedded
from sync_assets.store.engine import home, open_store

SANDBOX_RATE = "60000"
"""Requests a minute on the sandbox, which has no other users to protect."""

BREAKS_SHOWN = 24
"""Breaks that the demo lists: with their sums and one story they fit on a screen."""

Show = Callable[[str], None]


def _opened(seed: int, customers: int, port: int = 0) -> Sandbox:
    """A served sandbox whose settings are those of this process."""
    sandbox = Sandbox(seed=seed, customers=customers)
    sandbox.start(port)
    os.environ.update(sandbox.settings())
    for vendor in sandbox.vendors:
        os.environ.setdefault(f"SYNC_{vendor.name.upper()}_RATE", SANDBOX_RATE)
    return sandbox


def demonstrate(seed: int, customers: int, *, out: Console, show: Show) -> int:
    """Full sync, a day of business, incremental sync, the breaks; returns how many root breaks are open."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.integrity.ledger import open_roots
    from sync_assets.integrity.report import tell
    from sync_assets.integrity.richest import richest_story
    from sync_assets.integrity.telling import tell as tell_trace

    place = own_home("demo")
    show(f"making up a company with {customers} customers (seed {seed})")
    sandbox = _opened(seed, customers)
    try:
        prepare()
        store = open_store()
        with progress_shown(lambda _line: None):
            _succeed(run_pass(store, chosen(SYSTEMS, []), full=False, show=show))
            show("a day of business goes by")
            sandbox.day_of_business()
            _succeed(run_pass(store, chosen(SYSTEMS, []), full=False, show=show))
        tell(store, out, at_most=BREAKS_SHOWN, command=f"SYNC_HOME={relpath(place)} sync-assets breaks")
        if found := richest_story(store, played(SYSTEMS)):
            tell_trace(found, out)
        return open_roots(store)
    finally:
        sandbox.stop()
        embedded.stop(place)


def _succeed(done: Pass) -> None:
    """A demo with a failed run is no demo; SyncError with the sentences of what failed."""
    if done.failures:
        raise SyncError(" ".join(done.failures))


def develop(seed: int, customers: int, port: int, *, show: Show) -> None:
    """The sandbox alive, Dagster beside it, until SIGINT or SIGTERM."""
    own_home("dev")
    show(f"making up a company with {customers} customers (seed {seed})")
    sandbox = _opened(seed, customers)
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        prepare()
        open_store()
        with services(web=True, port=port) as running:
            show(f"Dagster UI: {running.web_url}")
            for name, value in sandbox.settings().items():
                if name.endswith("_URL"):
                    show(f"{name}={value}")
            sandbox.live()
            stopped.wait()
    finally:
        sandbox.stop()
        embedded.stop(home())


def serve_sandbox(seed: int, customers: int, port: int, *, write: Callable[[str], None]) -> None:
    """The vendors alone; prints `export NAME=value` lines and serves until interrupted."""
    sandbox = Sandbox(seed=seed, customers=customers)
    sandbox.start(port)
    for name, value in sandbox.settings().items():
        text = value.replace("\n", "\\n")
        write(f"export {name}='{text}'")
    sandbox.live()
    try:
        signal.pause()
    except KeyboardInterrupt:
        sandbox.stop()
