"""A pass in a process of its own that is killed at a chosen request, as a machine that loses power would kill it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

from sync_assets.sandbox.town import Sandbox
from sync_assets.sandbox.wire import Reply, Request

PATIENCE_S = 600


def pass_of_its_own(sandbox: Sandbox, killed_at: int | None) -> str:
    """Give `sync-assets run` to a child and kill it at its n-th request; how it ended, in words.

    Raises:
        RuntimeError: it ended otherwise than killed or with an exit code of its own and a sentence.
    """
    reached = threading.Event()
    count = _counting(reached, killed_at)
    for server in sandbox.servers.values():
        server.faults.insert(0, count)
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "sync_assets.cli", "run"],
            env={**os.environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=_kill_when, args=(reached, child), daemon=True).start()
        _, said = child.communicate(timeout=PATIENCE_S)
    finally:
        for server in sandbox.servers.values():
            server.faults.remove(count)
    return _ending(child.returncode, said)


def _counting(reached: threading.Event, killed_at: int | None) -> Callable[[Request, Callable[[], Reply]], Reply]:
    """A fault that harms nothing: it tells when the n-th request has come, whichever system it went to."""
    lock, seen = threading.Lock(), [0]

    def interfere(_request: Request, proceed: Callable[[], Reply]) -> Reply:
        with lock:
            seen[0] += 1
            if seen[0] == killed_at:
                reached.set()
        return proceed()

    return interfere


def _kill_when(reached: threading.Event, child: "subprocess.Popen[str]") -> None:
    if reached.wait(PATIENCE_S):
        child.send_signal(signal.SIGKILL)


def _ending(code: int, said: str) -> str:
    if code == -signal.SIGKILL:
        return "killed"
    if code not in (0, 1, 2) or "Traceback" in said or "Fatal Python error" in said:
        raise RuntimeError(f"A pass ended with {code} and said: {said[-2000:]}")
    return "ended, could not read everything" if code == 2 else "ended"
