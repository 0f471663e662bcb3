"""A second way that calls the first proves nothing: what an auditor's list may share with the reader of its system."""

import ast
from pathlib import Path

import pytest

import sync_assets.systems

SYSTEMS = Path(sync_assets.systems.__file__).parent
LISTS = sorted(SYSTEMS.glob("*/audit.py"))

SHARED = {
    "salesforce": {"Org", "as_org"},
    "netsuite": {"suite", "wall", "QueryRefusedError"},
}
"""The logged-in client, the account's clock and its word for a refusal; nothing that asks for records or reads them."""

FROM_CONNECT = {"read_value", "Roll", "Sighting", "Stream"}
"""How the vendor writes an instant, and the shapes of what a list hands over."""


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.parent.name)
def test_the_auditors_list_shares_no_code_with_the_first_read(path: Path) -> None:
    name, imported = path.parent.name, dict[str, set[str]]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            imported.setdefault(str(node.module), set()).update(one.name for one in node.names)
    own = {one for module, names in imported.items() if module.startswith("sync_assets.systems") for one in names}
    connect = {one for module, names in imported.items() if module.startswith("sync_assets.connect") for one in names}
    assert own <= SHARED.get(name, set())
    assert connect <= FROM_CONNECT


def test_every_system_has_a_second_way() -> None:
    assert {path.parent.name for path in LISTS} == {path.parent.name for path in SYSTEMS.glob("*/spec.py")}
