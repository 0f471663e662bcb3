"""Whatever is lost on the way in, or in the store itself, the auditor finds it, says what it is, and mends it."""

from pathlib import Path
from random import Random

import pytest

from sync_assets_tests.graph.company import company
from sync_assets_tests.score.audit import damaged, defects
from sync_assets_tests.score.corpus import day_of

SEED, CUSTOMERS, DAMAGES = 5, 20, 150


@pytest.mark.score
@pytest.mark.timeout(900)
def test_every_record_that_was_deleted_altered_or_withheld_is_found_and_mended_and_nothing_else_is_reported(
    tmp_path: Path,
) -> None:
    planned = defects(SEED, CUSTOMERS)
    with company(tmp_path, seed=SEED, customers=CUSTOMERS, now=day_of(SEED), defects=planned) as opened:
        found = damaged(opened, Random(SEED), DAMAGES)
    assert list(found.wrong) == []
    assert len(found.right) == len(found.damages) == DAMAGES
    # every way of losing a record, in each of the five systems
    assert {damage.kind for damage in found.damages} >= {"forgotten", "lost", "buried", "aged", "altered", "withheld"}
    assert {damage.system for damage in found.damages} == {"salesforce", "chargebee", "stripe", "netsuite", "product"}
