"""Every class is found on companies nobody has looked at, with the right owner, hop and money, and nothing else is."""

import pytest

from sync_assets_tests.score.__main__ import passes
from sync_assets_tests.score.corpus import score_seed

CLASSES = {
    "F3", "F11", "F12", "F13", "F17", "F20", "F31", "F34", "F46", "F49", "F50", "F51", "F60", "F67", "F71", "F75",
}  # fmt: skip
"""Those that every change must leave as they are; `make score` prints all."""


@pytest.mark.score
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [101, 202, 303])
def test_every_defect_of_a_company_is_found_and_no_benign_twin_is_flagged(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SYNC_DATABASE_URL", "SYNC_HOME", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    scores = {name: score for name, score in score_seed(seed, 60).items() if name in CLASSES}
    assert passes(scores), {name: (score.missed, score.wrong) for name, score in scores.items()}
    assert {name for name, score in scores.items() if score.found} == CLASSES
    assert not {name: score.wrong for name, score in scores.items() if score.false}
