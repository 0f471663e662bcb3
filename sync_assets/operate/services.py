"""Dagster's long-lived programs: one code server, the daemon, the webserver, on loopback, stopped by pid."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from sync_assets.automation import AUTOMATION
from sync_assets.model.errors import UnreachableError
from sync_assets.store.engine import home

READY_S = 90
"""Seconds a service may take to start on a slow machine."""

STOP_S = 20

ANSWER_S = "240"
"""Seconds that the code server has for an answer; a minute, Dagster's default, loses runs on a busy small machine."""


@dataclass(kw_only=True)
class Services:
    """Running services and where they listen."""

    workspace: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    web_url: str = ""


def free_port(wanted: int = 0) -> int:
    """The wanted loopback port if it is free, else any free one."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise UnreachableError("No loopback port is free.")


def living_workspace() -> Path | None:
    """The workspace file of a daemon of this Dagster home that has beaten lately and whose code server answers.

    The last beat alone proves nothing: Dagster believes it for half an hour after the daemon has ended.
    """
    from dagster._core.remote_origin import GrpcServerCodeLocationOrigin
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster._daemon.controller import all_daemons_live

    workspace = _workspace()
    if not workspace.exists():
        return None
    origins = WorkspaceFileTarget(paths=[str(workspace)]).create_origins()
    ports = [origin.port for origin in origins if isinstance(origin, GrpcServerCodeLocationOrigin)]
    with dg.DagsterInstance.get() as instance:
        lives = all(port and _answers(port) for port in ports) and all_daemons_live(instance)
    return workspace if lives else None


def _workspace() -> Path:
    return home() / "dagster" / "workspace.yaml"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def services(*, web: bool, port: int = 3000, automation: bool = True) -> Iterator[Services]:
    """A code server and the daemon, and with `web` the webserver, for as long as the block runs.

    Without `automation` no sensor and no schedule ticks: the daemon does what it is asked for.
    """
    code_port = free_port()
    workspace = _workspace()
    workspace.write_text(
        "load_from:\n  - grpc_server:\n      host: 127.0.0.1\n"
        f"      port: {code_port}\n      location_name: sync_assets\n"
    )
    running = Services(workspace=workspace, environment={} if automation else {AUTOMATION: "off"})
    try:
        _start(running, "code-server", _code_server(code_port))
        _await_port(running, code_port)
        _start(running, "daemon", ["dagster._daemon", "run", "-w", str(workspace)])
        if web:
            web_port = free_port(port)
            _start(running, "webserver", _webserver(workspace, web_port))
            _await_port(running, web_port)
            running.web_url = f"http://127.0.0.1:{web_port}"
        yield running
    finally:
        _stop(running.processes)


def _code_server(port: int) -> list[str]:
    return [
        "dagster", "code-server", "start", "-m", "sync_assets.definitions", "-h", "127.0.0.1", "-p", str(port),
        "--use-python-environment-entry-point", "--inject-env-vars-from-instance", "--log-level", "warning",
    ]  # fmt: skip


def _webserver(workspace: Path, port: int) -> list[str]:
    return ["dagster_webserver", "-w", str(workspace), "-h", "127.0.0.1", "-p", str(port), "--log-level", "warning"]


def _start(running: Services, name: str, module: Sequence[str]) -> None:
    """Start a Python module in a session of its own, its output in a log beside Dagster's home."""
    with (home() / "dagster" / f"{name}.log").open("ab") as log:
        running.processes.append(
            subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *module],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_restore_interrupt,  # noqa: PLW1509 - nothing else runs in the child before exec
                env={
                    "DAGSTER_GRPC_TIMEOUT_SECONDS": ANSWER_S,
                    **os.environ,
                    "PYTHONUNBUFFERED": "1",
                    **running.environment,
                },
            )
        )


def _restore_interrupt() -> None:
    """A shell's background job ignores interrupts; our services must hear them."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _await_port(running: Services, port: int) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if any(process.poll() is not None for process in running.processes):
            break
        if _answers(port):
            return
        time.sleep(0.2)
    raise UnreachableError(f"Dagster did not start; see the logs in {home() / 'dagster'}.")


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask politely, wait, then end each whole session; verified by pid."""
    for process in reversed(processes):
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    for process in reversed(processes):
        try:
            process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        process.wait()
