"""The completeness auditor against every simulated vendor: what it finds, mends, explains, and leaves alone."""

import pytest

from sync_assets_tests.scenarios.auditor import AGE, BURY, LOSE, audit, findings, settle, some_ids, spoil, unclean
from sync_assets_tests.scenarios.cast import CAST
from sync_assets_tests.scenarios.conftest import Play

VENDORS = sorted(CAST)

LOOKED_UP_MAX = 20
"""The simulated Salesforce sends pages of twenty and the reader takes a lookup only whole."""


@pytest.mark.parametrize("name", VENDORS)
def test_nothing_is_found_where_nothing_was_lost(name: str, play: Play) -> None:
    scene = play(CAST[name].make)
    settle(scene)
    done = audit(scene)
    assert {stream.name for stream in scene.system.streams} == set(done)
    assert unclean(done) == {}
    assert findings(scene) == []
    assert all(found.listed == found.stored for found in done.values())


@pytest.mark.parametrize("name", VENDORS)
def test_what_is_lost_from_the_store_is_found_and_fetched(name: str, play: Play) -> None:
    """Of half of every stream, twenty at most, one is forgotten and the next counts as deleted: all are missing."""
    scene = play(CAST[name].make)
    settle(scene)
    lost = {}
    for stream in scene.system.streams:
        ids = some_ids(scene, stream.name, min(len(scene.vendor.census()[stream.name]) // 2, LOOKED_UP_MAX))
        spoil(scene, LOSE, stream.name, ids[::2])
        spoil(scene, BURY, stream.name, ids[1::2])
        lost[stream.name] = len(ids)
    assert scene.differences() != {}
    done = audit(scene)
    assert {name: found.missing for name, found in done.items()} == lost
    assert {name: found.mended for name, found in done.items()} == lost
    assert scene.differences() == {}
    assert unclean(audit(scene)) == {}
    assert findings(scene) == []


@pytest.mark.parametrize("name", [name for name in VENDORS if name != "stripe"])
def test_what_is_stored_as_it_was_before_is_found_and_fetched(name: str, play: Play) -> None:
    """Stripe stamps no changes, so that an older state of its objects shows when everything is read again."""
    scene = play(CAST[name].make)
    settle(scene)
    streams = [stream.name for stream in scene.system.streams if stream.stamp]
    for stream in streams:
        spoil(scene, AGE, stream, some_ids(scene, stream, 1))
    done = audit(scene)
    assert {stream: done[stream].stale for stream in streams} == dict.fromkeys(streams, 1)
    assert unclean(audit(scene)) == {}
