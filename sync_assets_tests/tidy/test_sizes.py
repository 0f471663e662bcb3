"""Small files, small functions, charters, and names that say something."""

import ast
from statistics import median

from sync_assets_tests.tidy.source import functions, lines, modules

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "handler", "process"}


def _share(values: list[int], share: float) -> int:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def test_files_stay_small() -> None:
    sizes = {name: lines(name) for name in modules() if not name.endswith("__init__.py")}
    too_long = {name: size for name, size in sizes.items() if size > 400}
    assert not too_long, f"over 400 lines, give the parts rooms of their own: {too_long}"
    longest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    assert _share(list(sizes.values()), 0.95) <= 250, f"one file in twenty is over 250 lines; the longest: {longest}"
    assert median(sizes.values()) <= 110, "the median file is over 110 lines; split by noun"


def test_functions_stay_small() -> None:
    sizes = {
        f"{name}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for name, tree in modules().items()
        for node in functions(tree)
    }
    too_long = {name: size for name, size in sizes.items() if size > 60}
    assert not too_long, f"over 60 lines, name the steps: {too_long}"
    longest = sorted(sizes.items(), key=lambda item: -item[1])[:8]
    assert _share(list(sizes.values()), 0.95) <= 30, f"one function in twenty is over 30 lines; the longest: {longest}"


def test_folders_stay_shallow() -> None:
    deep = [
        name
        for name in modules()
        if name.count("/") > 2 and not name.startswith("sandbox/") and "/migrations/" not in name
    ]
    assert not deep, f"more than two folders deep: {deep}"


def test_every_module_opens_with_its_charter() -> None:
    bare = [name for name, tree in modules().items() if not ast.get_docstring(tree)]
    assert not bare, f"say in a docstring what belongs here and what does not: {bare}"


def test_file_names_say_something() -> None:
    empty = [name for name in modules() if name.rsplit("/", 1)[-1].removesuffix(".py") in SAYS_NOTHING]
    assert not empty, f"name the noun instead: {empty}"
