"""The environment a command works in: the databases, Dagster's home."""

import os
import shutil
from pathlib import Path

from sync_assets.store import embedded
from sync_assets.store.engine import Databases, home, locate

PROJECT = Path(__file__).parents[2]
"""The directory with dagster.yaml and workspace.yaml."""


def prepare() -> Databases:
    """Everything Dagster and we need to start: databases, Dagster's home with its settings, and the environment."""
    databases = locate()
    dagster_home = home() / "dagster"
    dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(PROJECT / "dagster.yaml", dagster_home / "dagster.yaml")
    os.environ["DAGSTER_HOME"] = str(dagster_home)
    os.environ["SYNC_HOME"] = str(home())
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "true"
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    url = databases.dagster.set(drivername="postgresql+psycopg2")
    os.environ["SYNC_DAGSTER_STORAGE_URL"] = url.render_as_string(hide_password=False)
    return databases


def own_home(name: str) -> Path:
    """A fresh home for the sandbox's data, apart from the user's own: `<home>/<name>`, emptied."""
    place = home() / name
    embedded.stop(place)
    shutil.rmtree(embedded.where(place).parent, ignore_errors=True)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    os.environ["SYNC_HOME"] = str(place)
    for setting in ("SYNC_DATABASE_URL", "SYNC_DAGSTER_DATABASE_URL"):
        os.environ.pop(setting, None)
    return place
