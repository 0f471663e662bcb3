"""What a command says when it could not: one sentence. A stack trace goes to a file, never to the terminal."""

import traceback
from datetime import UTC, datetime
from pathlib import Path

from sync_assets.connect.spec import System
from sync_assets.model.errors import SyncError
from sync_assets.store.engine import database_trouble, home

LOG = "sync-assets.log"
"""Where, in the home directory, the stack traces of unexpected errors are kept."""


def in_one_sentence(error: BaseException) -> str:
    """What went wrong and what to do; the stack trace of anything but an error of ours is appended to the log."""
    known = error if isinstance(error, SyncError) else database_trouble(error)
    if known is not None:
        return str(known)
    if isinstance(error, OSError) and _is_at_home(error.filename):
        return f"{error.filename} cannot be made or written ({error.strerror}); set SYNC_HOME to a directory of yours."
    log = home() / LOG
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as lines:
            lines.write(
                f"{datetime.now(UTC).isoformat(timespec='seconds')}\n{''.join(traceback.format_exception(error))}\n"
            )
        kept = f"the details are in {log}"
    except OSError as unwritable:
        kept = f"the details could not be written to {log} ({unwritable.strerror})"
    return f"Something unexpected happened ({type(error).__name__}); nothing was lost, {kept}; run again."


def _is_at_home(name: object) -> bool:
    return isinstance(name, str | Path) and home() in (Path(name), *Path(name).parents)


def about_system(system: System, error: SyncError) -> str:
    """The sentence of an error in the conversation with a system, with its name and the settings to look at."""
    sentence, prefix = str(error), f"SYNC_{system.name.upper()}_"
    if not sentence.lower().startswith(system.name) and prefix not in sentence:
        sentence = f"{system.name}: {sentence}"
    looked_at = [prefix + name for name in ("URL", "API_VERSION") if name == "URL" or name in system.optional]
    return sentence if "SYNC_" in sentence else f"{sentence} Check {' and '.join(looked_at)}."
