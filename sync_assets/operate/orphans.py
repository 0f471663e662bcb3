"""Runs whose process was killed: they are closed in Dagster, and the streams they held are given back.

A run of the command line lives in the command's own process. When that is killed, nobody else could tell that the run
is over; its streams would stay leased for minutes and the next run would pass them by.
"""

import os
import socket
from pathlib import Path

import dagster as dg

from sync_assets.store.engine import Store
from sync_assets.store.leases import give_back, lease_holders

PROCESS_TAG = "sync-assets/process"
"""Run tag: which process of which machine executes the run."""


def process_tag(pid: int | None = None) -> str:
    """This machine, the process id, and when that process started, since ids come round again; no process: no start."""
    pid = pid or os.getpid()
    return f"{socket.gethostname()}:{pid}:{_started(pid)}"


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty when it is gone or a zombie.

    Source: proc_pid_stat(5): fields after the name in brackets; the first is the state, the twentieth the start time.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return _alive(pid)
    return "" if fields[0] in "ZX" else fields[19]


def _alive(pid: int) -> str:
    """Where there is no /proc: whether the process is there at all."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive"


def is_orphan(tag: str) -> bool:
    """The process of a run of this machine has ended."""
    host, _, rest = tag.partition(":")
    pid = rest.partition(":")[0]
    return host == socket.gethostname() and pid.isdigit() and process_tag(int(pid)) != tag


def bury_orphans(store: Store) -> int:
    """Close the runs whose process ended without closing them, give back what they held; returns how many streams."""
    with dg.DagsterInstance.get() as instance:
        under_way = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING])
        for run in instance.get_runs(under_way):
            if is_orphan(run.tags.get(PROCESS_TAG, "")):
                instance.report_run_failed(run, "Its process was killed; the next run continues where it stopped.")
        holders = {holder: instance.get_run_by_id(holder) for holder in lease_holders(store)}
        ended = [holder for holder, run in holders.items() if run is not None and run.is_finished]
    return give_back(store, ended) if ended else 0
