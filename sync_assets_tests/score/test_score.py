"""Every class is found on companies nobody has looked at, with the right owner, hop and money, and nothing else is."""

import pytest

from sync_assets_tests.score.corpus import read_company
from sync_assets_tests.score.promise import broken
from sync_assets_tests.score.switched_off import drawn, score_without, unnoticed

CLASSES = {
    "F3", "F11", "F12", "F13", "F17", "F20", "F31", "F34", "F46", "F49", "F50", "F51", "F60", "F67", "F71", "F75",
}  # fmt: skip
"""Those that every change must leave as they are; `make score` prints all."""

SWITCHED_OFF = 7
"""Rules of each company that are switched off one at a time: twenty and one of the three companies."""


@pytest.mark.score
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [101, 202, 303])
def test_every_defect_of_a_company_is_found_and_a_rule_that_is_switched_off_is_missed(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SYNC_DATABASE_URL", "SYNC_HOME", "DAGSTER_HOME"):
        monkeypatch.delenv(name, raising=False)
    with read_company(seed, 60) as company:
        scores = company.score()
        anew = score_without(company, None)
        missed = dict(unnoticed(company, drawn(company, seed, SWITCHED_OFF)))
    assert not broken(scores), {name: (score.missed, score.wrong) for name, score in scores.items()}
    assert {name for name in CLASSES if scores[name].found} == CLASSES
    assert not {name: score.wrong for name, score in scores.items() if score.false}
    assert not broken(anew)
    assert [rule.name for rule, promises in missed.items() if not promises] == []
