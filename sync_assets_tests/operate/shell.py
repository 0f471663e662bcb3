"""A shell for tests: the command line in this process, or as a process of its own, and what it said.

Belongs here: how a command is given and what every answer must be. What commands do is in the tests.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from sync_assets import cli

PATIENCE_S = 250
WIDE = 200
"""Columns of the terminal: the program's consoles are as wide as the shell that started the tests, which may be any."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """Everything on stderr as one line, without the clock of progress lines."""
        return re.sub(r"\d\d:\d\d:\d\d ", "", " ".join(self.err.split()))


Say: TypeAlias = Callable[..., Told]


def saying(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """A function that gives a command to the very entry point of the program, in this process."""
    for console in (cli.out, cli.err):
        monkeypatch.setattr(console, "width", WIDE)

    def say(*words: str) -> Told:
        capsys.readouterr()
        monkeypatch.setattr(sys, "argv", ["sync-assets", *words])
        code: object = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        heard = capsys.readouterr()
        assert isinstance(code, int | None)
        return Told(code=code or 0, out=heard.out, err=heard.err)

    return say


def spawn(*words: str, **more: str) -> Told:
    """A command as a process of its own, with this process's environment and more."""
    ended = subprocess.run(
        [sys.executable, "-m", "sync_assets.cli", *words],
        env={**os.environ, "COLUMNS": "200", **more},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Told(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def assert_refused(told: Told, *parts: str, secrets: tuple[str, ...] = ()) -> None:
    """Exit code 2, a sentence with these parts on stderr, no stack trace and no secret anywhere."""
    assert told.code == 2, told
    for part in parts:
        assert part in told.sentence, told.sentence
    assert "Traceback" not in told.out + told.err
    assert 'File "' not in told.out + told.err
    for secret in secrets:
        assert secret not in told.out + told.err
