"""Serves the second company and runs the product over it by its commands, as its users do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sync_assets.operate.home import own_home
from sync_assets.store import embedded
from sync_assets_tests.second.town import Town


@contextmanager
def opened(town: Town, place: Path) -> Iterator[None]:
    """The product set up for the served company, with a home of its own, for as long as the block runs."""
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("SYNC_")]:
        del os.environ[name]
    os.environ["SYNC_HOME"] = str(place)
    home = own_home("second")
    try:
        with town.served() as settings:
            os.environ.update(settings)
            yield
    finally:
        embedded.stop(home)
        os.environ.clear()
        os.environ.update(before)


def said(*words: str) -> Any:
    """What a command of the product prints as JSON, run as a person runs it."""
    return json.loads(ran(*words, "--format", "json"))


def ran(*words: str) -> str:
    """What a command prints; it must not have failed."""
    command = [sys.executable, "-c", "from sync_assets.cli import main; main()", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.stdout
