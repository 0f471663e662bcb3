"""The package's files as the house rules see them."""

import ast
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PACKAGE = PROJECT / "sync_assets"


@cache
def modules() -> dict[str, ast.Module]:
    """Path below the package to its syntax tree."""
    return {
        str(path.relative_to(PACKAGE)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def imports(tree: ast.Module) -> set[str]:
    """Every module named by an import anywhere in a file, also inside functions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {item.name for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    """Every function and method."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def lines(name: str) -> int:
    """Lines of a file."""
    return len((PACKAGE / name).read_text(encoding="utf-8").splitlines())
