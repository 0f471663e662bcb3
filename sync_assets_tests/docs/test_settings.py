"""Every setting that the program reads is on the page of settings, and the page names no other."""

import re
from pathlib import Path

import pytest

from sync_assets.connect.discover import discover
from sync_assets.connect.spec import System
from sync_assets.systems.netsuite.fields import PREFIXES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "settings.md").read_text()
SYSTEMS = discover("sync_assets.systems")

ANY_SYSTEM = ("START", "RATE")
"""What every system has, on the page once for all."""

_NAME = re.compile(r"SYNC_[A-Z][A-Z_]*[A-Z]\b")
_READ = re.compile(r"""settings(?:\.get\(|\[|\.whole_number\(|\.full_name\()"([A-Z_]+)\"""")


def own_row(system: System) -> str:
    """The row of a system in the table of systems."""
    (row,) = [line for line in PAGE.splitlines() if line.lower().startswith(f"| {system.name} |")]
    return row


def named_in_code() -> set[str]:
    """Every setting that some module names in full."""
    sources = (ROOT / "sync_assets").rglob("*.py")
    return {name for source in sources for name in _NAME.findall(source.read_text())}


def on_the_page() -> set[str]:
    """Every setting on the page, by its full name."""
    systems = {
        f"SYNC_{system.name.upper()}_{word}"
        for system in SYSTEMS
        for word in [*re.findall(r"`_([A-Z_]+)`", own_row(system)), *ANY_SYSTEM]
    }
    owners = {f"SYNC_ALERTS_{owner}" for owner in ("RO", "FI", "SU", "PR", "DE")}
    return {*_NAME.findall(PAGE), *systems, *owners}


def names_of_fields() -> dict[str, str]:
    """Settings that name a field or how an external id begins, with their defaults."""
    columns = {
        f"SYNC_{system.name.upper()}_{column.setting}": column.path.rpartition(".")[2] or "none"
        for system in SYSTEMS
        for stream in system.streams
        for mapped in stream.mappings
        for column in mapped.columns
        if column.setting
    }
    return columns | {f"SYNC_NETSUITE_{name}": default for name, (default, _) in PREFIXES.items()}


def test_every_setting_named_in_the_program_is_on_the_page() -> None:
    assert named_in_code() - on_the_page() == set()


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_every_setting_that_a_system_reads_is_in_its_row(system: System) -> None:
    folder = ROOT / "sync_assets" / "systems" / system.name
    read = {name for source in folder.glob("*.py") for name in _READ.findall(source.read_text())}
    declared = {"URL", *system.optional, *(name for names in system.credentials for name in names)}
    prefix = f"SYNC_{system.name.upper()}_"
    assert {prefix + name for name in read | declared} - on_the_page() == set()


def test_the_page_names_nothing_that_nobody_reads() -> None:
    declared = {
        f"SYNC_{system.name.upper()}_{name}"
        for system in SYSTEMS
        for name in ("URL", *system.optional, *(name for names in system.credentials for name in names))
    }
    assert set(_NAME.findall(PAGE)) - named_in_code() - declared - names_of_fields().keys() == set()


def test_every_field_that_a_company_may_name_is_on_the_page_with_its_default() -> None:
    missing = [
        name
        for name, default in names_of_fields().items()
        if not re.search(rf"^\| `{name}` \| `?{default}`? \|", PAGE, re.MULTILINE)
    ]
    assert missing == []
