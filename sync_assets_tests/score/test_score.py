"""Every class is found on companies nobody has looked at, with the right owner, hop and money, and nothing else is."""

import pytest

from sync_assets.sandbox.defects.registry import DEFECTS
from sync_assets_tests.score.__main__ import passes
from sync_assets_tests.score.corpus import score_seed


@pytest.mark.score
@pytest.mark.parametrize("seed", [101, 202, 303])
def test_every_defect_of_a_company_is_found_and_no_benign_twin_is_flagged(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SYNC_DATABASE_URL", "SYNC_HOME", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    scores = score_seed(seed, 60)
    assert passes(scores), {name: (score.missed, score.wrong) for name, score in scores.items()}
    assert {name for name, score in scores.items() if score.found} >= set(DEFECTS)
    assert not {name: score.wrong for name, score in scores.items() if score.false}
