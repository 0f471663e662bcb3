"""A module imports only its own room or a lower floor; frameworks stay in their homes."""

from sync_assets_tests.tidy.source import imports, modules

FLOORS = {
    "model": 0,
    "http": 1,
    "store": 1,
    "gates": 2,
    "inbox": 2,
    "outbox": 2,
    "connect": 3,
    "identity": 4,
    "reconcile": 4,
    "systems": 4,
    "integrity": 5,
}
CEILING = 9
SANDBOX = "sandbox"


def _room(parts: list[str]) -> str:
    """The room of a module: a folder of the package, with each system a room of its own."""
    if len(parts) < 2:
        return ""
    return "/".join(parts[:2]) if parts[0] == "systems" and len(parts) > 2 else parts[0]


def _floor(room: str) -> int:
    return FLOORS.get(room.split("/", maxsplit=1)[0], CEILING)


def _inner_imports() -> list[tuple[str, str, str]]:
    """(file, its room, imported room) for every import inside the package."""
    found = []
    for name, tree in modules().items():
        mine = _room(name.split("/"))
        for target in imports(tree):
            parts = target.split(".")
            if parts[0] == "sync_assets" and len(parts) > 1:
                found.append((name, mine, _room([*parts[1:], ""])))
    return found


def test_a_module_imports_only_its_own_room_or_a_lower_floor() -> None:
    wrong = [
        f"{name} imports {theirs}: move what it needs down, or speak through tables and asset keys"
        for name, mine, theirs in _inner_imports()
        if mine not in (theirs, SANDBOX, "operate", "") and theirs != SANDBOX and _floor(theirs) >= _floor(mine)
    ]
    assert not wrong, "\n".join(wrong)


def test_a_system_never_imports_another_system() -> None:
    wrong = [
        f"{name} imports {theirs}: what two vendors share belongs to http/ or connect/"
        for name, mine, theirs in _inner_imports()
        if mine.startswith("systems/") and theirs.startswith("systems/") and mine != theirs
    ]
    assert not wrong, "\n".join(wrong)


def test_the_sandbox_stands_apart() -> None:
    wrong = [
        f"{name} imports {theirs}: the sandbox imports model only, and only the command line and tests import it"
        for name, mine, theirs in _inner_imports()
        if (mine == SANDBOX and theirs not in (SANDBOX, "model"))
        or (theirs == SANDBOX and mine not in (SANDBOX, "operate"))
    ]
    assert not wrong, "\n".join(wrong)


HOMES = {
    "requests": ("http/",),
    "sqlalchemy": ("store/",),
    "psycopg": ("store/",),
    "great_expectations": ("gates/",),
    "pandas": ("store/", "gates/", "connect/", "identity/", "reconcile/", "systems/", "integrity/"),
    "dagster": (
        "assets.py", "checks.py", "resource.py", "io.py", "definitions.py", "automation.py", "operate/",
    ),
}  # fmt: skip


def test_frameworks_stay_in_their_homes() -> None:
    wrong = [
        f"{name} imports {framework}: its home is {' or '.join(homes)}"
        for name, tree in modules().items()
        for framework, homes in HOMES.items()
        if framework in {target.split(".")[0] for target in imports(tree)}
        and not any(name.startswith(home) or name.endswith("/" + home) or name == home for home in homes)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_model_needs_nothing_but_python() -> None:
    import sys

    wrong = [
        f"{name} imports {target}: the model is standard library only"
        for name, tree in modules().items()
        if name.startswith("model/")
        for target in imports(tree)
        if target.split(".")[0] not in {*sys.stdlib_module_names, "sync_assets"}
    ]
    assert not wrong, "\n".join(wrong)
