"""The environment a command works in: settings from `.env`, the databases, Dagster's home."""

import os
import shutil
from pathlib import Path

from sync_assets.model.errors import SettingError
from sync_assets.store import embedded
from sync_assets.store.engine import Databases, home, locate

PROJECT = Path(__file__).parents[2]
"""The directory with dagster.yaml and workspace.yaml."""


def load_env_file(path: Path = Path(".env")) -> None:
    """Settings from `.env` (NAME=value lines); what the environment has already wins.

    Raises:
        SettingError: a line is not of that form; the sentence names the line, never its content.
    """
    if not path.is_file():
        return
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingError(f"{path} cannot be read as UTF-8 text; correct it or remove it.") from None
    for number, line in enumerate(written.splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingError(f"Line {number} of {path} is not NAME=value.")
        os.environ.setdefault(name.strip(), _unquoted(value.strip()))


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value


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
