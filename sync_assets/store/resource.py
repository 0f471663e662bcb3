"""The shell through which assets reach the store; all it holds is how to open it."""

import dagster as dg

from sync_assets.store.engine import Store, open_store


class StoreResource(dg.ConfigurableResource[Store]):
    """Our database, found from the environment so that no secret enters run configuration."""

    def open(self) -> Store:
        """The migrated store; one per process."""
        return open_store()
