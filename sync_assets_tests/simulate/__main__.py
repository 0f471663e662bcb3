"""`python -m sync_assets_tests.simulate --seed 1`: a company's life with faults, kills and late rows, day by day.

Ends 0 when every claim held, 1 when one fell (with the seed and the command that replays it), 2 when it could not run.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from sync_assets_tests.simulate.life import simulate

SHOWN_MAX = 40
"""Claims that are printed; one cause can break hundreds."""


def main(words: list[str] | None = None) -> int:
    """Live the life that was asked for; the exit code."""
    parser = argparse.ArgumentParser(
        prog="simulate", description="A simulated company's life with all that goes wrong."
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--customers", type=int, default=30)
    parser.add_argument("--days", type=int, default=5)
    asked = parser.parse_args(words)
    replay = f"python -m sync_assets_tests.simulate --seed {asked.seed}"
    replay += f" --customers {asked.customers} --days {asked.days}"
    life = {"seed": asked.seed, "customers": asked.customers, "days": asked.days}
    with tempfile.TemporaryDirectory(prefix="sync-simulate-") as place:
        try:
            broken = simulate(Path(place), **life, show=_say)
        except Exception as error:  # noqa: BLE001 - whatever stopped it, the seed must be told
            _say(f"could not go on: {type(error).__name__}: {error}\nreplay: {replay}")
            return 2
    for line in broken[:SHOWN_MAX]:
        _say(f"  {line}")
    if broken:
        _say(f"{len(broken)} claims fell with seed {asked.seed}\nreplay: {replay}")
    return 1 if broken else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
