"""Settings from `.env`. Every command reads it, so it needs nothing that takes time to load."""

import os
from pathlib import Path

from sync_assets.model.errors import SettingError

PLACES = (Path(".env"), Path(__file__).parents[2] / ".env")
"""Where settings may be written down: in the working directory, which wins, and in the project's root."""


def load_env_file(path: Path) -> None:
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
