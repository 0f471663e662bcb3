"""Claims about finding the systems that there are."""

import subprocess
import sys

HEAVY = ("pandas", "pyarrow", "numpy", "great_expectations", "alembic", "requests", "jwt", "cryptography")


def test_systems_are_found_without_loading_what_only_runs_need() -> None:
    # Dagster loads the code location in every process it starts; pandas alone would cost each a second.
    code = (
        "import sys; from sync_assets.connect.discover import discover; "
        f"print(len(discover('sync_assets.systems')), [name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "5 []"
