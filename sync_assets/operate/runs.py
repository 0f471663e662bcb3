"""Real Dagster runs inside this process: launch a job, follow it, say in one sentence what went wrong."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import dagster as dg

from sync_assets.operate.dead_runs import OWN_TAG
from sync_assets.store.engine import open_store
from sync_assets.store.presence import present

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""Dagster keeps its log in the database; the terminal shows our progress instead."""

_POOL = {"statement_timeout": 0, "pool_recycle": 3600, "max_overflow": 5}
"""How Dagster keeps its connections during a run of ours: open, as in its webserver; else it opens one per event."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """How a run ended: its id, the sentences of failed steps, and the gates that are closed."""

    run_id: str
    failures: tuple[str, ...]
    closed_gates: tuple[str, ...]

    @property
    def is_success(self) -> bool:
        """Every step did its work."""
        return not self.failures


def run_job(
    name: str,
    *,
    tags: Mapping[str, str],
    partition_key: str | None = None,
    only: Sequence[dg.AssetKey] | None = None,
) -> RunResult:
    """Run a job of the code location, or only some of its assets, to its end, recorded like any other run."""
    from sync_assets.definitions import graph

    run_id = str(uuid4())
    with dg.DagsterInstance.get() as instance, present(open_store(), run_id):
        instance.optimize_for_webserver(**_POOL)
        job = graph().resolve_job_def(name)
        result = job.execute_in_process(
            instance=instance,
            run_config=_QUIET,
            tags={**tags, OWN_TAG: "yes"},
            run_id=run_id,
            partition_key=partition_key,
            asset_selection=list(only) if only else None,
            raise_on_error=False,
        )
    return RunResult(
        run_id=result.run_id,
        failures=tuple(dict.fromkeys(_sentence(event) for event in result.all_events if _is_failure(event))),
        closed_gates=tuple(
            check.asset_key.to_user_string()
            for check in result.get_asset_check_evaluations()
            if not check.passed and check.blocking and check.severity == dg.AssetCheckSeverity.ERROR
        ),
    )


def failures_of(wanted: dg.RunsFilter) -> list[str]:
    """The sentences of what failed in runs that have ended."""
    with dg.DagsterInstance.get() as instance:
        entries = [
            entry.dagster_event
            for run in instance.get_runs(wanted)
            for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
        ]
    return list(dict.fromkeys(_sentence(event) for event in entries if event is not None and _is_failure(event)))


def _is_failure(event: dg.DagsterEvent) -> bool:
    """A step that failed of itself; one that failed because its gate is closed is named as a closed gate."""
    error = event.step_failure_data.error if event.is_step_failure else None
    return event.is_step_failure and (error is None or error.cls_name != "DagsterAssetCheckFailedError")


def _sentence(event: dg.DagsterEvent) -> str:
    """What a failed step said: the sentence of our error, never a stack trace."""
    data = event.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return str(data.user_failure_data.description)
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    text = (error.message if error is not None else "unknown failure").strip()
    return f"{event.step_key}: {text.splitlines()[0] if text else 'unknown failure'}"


@contextmanager
def progress_shown(show: Callable[[str], None]) -> Iterator[None]:
    """Hand each progress line to `show` while the block runs."""

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            show(record.getMessage())

    logger, handler = logging.getLogger("sync_assets.progress"), Lines()
    level, logger.level, logger.propagate = logger.level, logging.INFO, False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
