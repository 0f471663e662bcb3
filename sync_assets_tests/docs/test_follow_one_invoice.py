"""docs/follow-one-invoice.md runs as written: its Python as one session, its commands in order, outputs compared."""

import doctest
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from sync_assets.store.engine import Store
from sync_assets_tests.operate.shell import Say, saying

pytestmark = pytest.mark.company

PAGE = Path(__file__).parents[2] / "docs" / "follow-one-invoice.md"
LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
EXIT_CODES = {"1 open root breaks.\n": 1}
"""What the exit code of `run` is when it says this; 0 for everything else."""


class Session:
    """The reader's two terminals: one Python session, and the command line in the same directory."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.scope: dict[str, Any] = {}
        self.apart: list[str] = []

    def python(self, text: str) -> None:
        """Run a session as the reader would type it; outputs that differ are kept."""
        runner = doctest.DocTestRunner(optionflags=LIKE, verbose=False)
        example = doctest.DocTestParser().get_doctest(text, self.scope, PAGE.name, None, 0)
        example.globs = self.scope
        runner.run(example, out=self.apart.append, clear_globs=False)

    def command(self, text: str) -> None:
        """Give a command; an answer unlike the one on the page is kept."""
        line, _, wanted = text.partition("\n")
        told = self.say(*line.removeprefix("$ sync-assets ").split())
        if not doctest.OutputChecker().check_output(wanted, told.out, LIKE):
            self.apart.append(f"{line}\nthe page says\n{wanted}\nand it says\n{told.out}{told.err[-2000:]}")


def _is_red(hop: str, class_: str) -> bool:
    """Whether the latest outcome of a hop's check is a failure."""
    key = dg.AssetCheckKey(dg.AssetKey(["reconciled", hop]), class_)
    with dg.DagsterInstance.get() as instance:
        (latest,) = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    return latest.status == AssetCheckExecutionRecordStatus.FAILED


@pytest.fixture
def session(
    store: Store, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    before = dict(os.environ)
    monkeypatch.chdir(home)
    found = Session(saying(capsys, monkeypatch))
    yield found
    if "company" in found.scope:
        found.scope["company"].stop()
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.timeout(900)
def test_the_invoice_is_followed_as_written(session: Session) -> None:
    blocks = re.findall(r"```(pycon|console)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    red: list[bool] = []
    for kind, text in blocks:
        if kind == "pycon":
            session.python(text)
        else:
            session.command(text)
        if text.startswith("$ sync-assets run"):
            red.append(_is_red("billing_to_erp", "F50"))
    assert session.apart == [], "\n".join(session.apart)
    assert red == [False, True, False]


def test_every_file_and_folder_it_names_exists() -> None:
    named = set(re.findall(r"`((?:[a-z]+/)+(?:[a-z_*]+\.py|[a-z*]*))`", PAGE.read_text()))
    package = Path(__file__).parents[2] / "sync_assets"
    missing = [name for name in named if not name.startswith("reconciled/") and not any(package.glob(name.rstrip("/")))]
    assert named
    assert not missing
