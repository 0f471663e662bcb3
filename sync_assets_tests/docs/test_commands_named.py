"""What the documents name is there: every command with its options, every make target, every link, every statement."""

import re
from pathlib import Path

import pytest
import typer.main
from sqlalchemy import text

from sync_assets.cli import app
from sync_assets.store.engine import Store

PROJECT = Path(__file__).parents[2]
PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").rglob("*.md")])
COMMANDS = typer.main.get_group(app)


def _commands(page: Path) -> list[list[str]]:
    """The command lines on a page, as words, without what follows a dash or stands for a value."""
    found = re.findall(r"[`$] ?sync-assets ([a-z][^`\n]*)", page.read_text(encoding="utf-8"))
    return [line.split() for line in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_on_a_page_exists_with_its_options(page: Path) -> None:
    for name, *words in _commands(page):
        command = COMMANDS.commands[name]
        if words and words[0] in getattr(command, "commands", {}):
            command = command.commands[words[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, f"{page.name}: sync-assets {name} {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_on_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z]+(?: [a-z]+)*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert {target for line in named for target in line.split()} <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_on_a_page_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert not missing


def test_the_readme_names_every_command_a_person_needs() -> None:
    named = {name for name, *_ in _commands(PROJECT / "README.md")}
    assert named >= {"doctor", "run", "breaks", "trace", "backfill", "census"}


def test_the_statement_that_lists_dead_letters_runs(store: Store) -> None:
    (statement,) = re.findall(r"```sql\n(.*?)```", (PROJECT / "docs" / "runbooks.md").read_text(), re.DOTALL)
    with store.begin() as connection:
        assert connection.execute(text(statement)).all() == []
