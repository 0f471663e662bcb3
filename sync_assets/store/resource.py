"""The shell through which assets reach the store; all it holds is how to open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from sync_assets.model.errors import SyncError
from sync_assets.store.engine import Store, open_store
from sync_assets.store.presence import present


class StoreResource(dg.ConfigurableResource[Any]):
    """Our database, found from the environment so that no secret enters run configuration."""

    def open(self) -> Store:
        """The migrated store; one per process."""
        return open_store()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["StoreResource"]:
        """The resource for one run, which is seen as alive as long as it has it; a tick is not a run."""
        if context.run is None:
            yield self
            return
        with present(_reached(), context.run.run_id):
            yield self


def _reached() -> Store:
    try:
        return open_store()
    except SyncError as error:
        raise dg.Failure(description=str(error)) from error
