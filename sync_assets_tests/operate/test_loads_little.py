"""A command loads what it needs and nothing else: what one waits for at a prompt is mostly loading."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("imported", "unneeded"),
    [
        ("sync_assets.cli", ("sqlalchemy", "psycopg", "requests")),
        ("sync_assets.integrity.trace", ("sync_assets.store.tables", "dagster", "pandas", "requests", "alembic")),
    ],
)
def test_what_a_trace_does_not_need_is_not_loaded(imported: str, unneeded: tuple[str, ...]) -> None:
    script = f"import sys, {imported}; print([name for name in {unneeded} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
