"""What the completeness auditor believes and what it does not: ghosts, brakes, lost permissions, and itself."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from sync_assets.model.errors import UnreachableError
from sync_assets.sandbox.wire import Reply, Request
from sync_assets.store.audits import Audit, Difference
from sync_assets.store.engine import Store
from sync_assets_tests.scenarios.auditor import AGE, FORGET, LOSE, audit, findings, settle, spoil
from sync_assets_tests.scenarios.cast import CAST
from sync_assets_tests.scenarios.chargebee_site import site
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.netsuite_account import account
from sync_assets_tests.scenarios.scene import Scene

UNDEAD = "UPDATE raw.head SET is_deleted = false WHERE stream_id = :stream_id AND record_id = ANY(:ids)"


def _haunted(scene: Scene, record_id: str = "c002") -> None:
    """A customer whose deletion was read and then forgotten: stored as existing, gone at the source."""
    settle(scene)
    scene.vendor.delete("customers", record_id)
    settle(scene)
    spoil(scene, UNDEAD, "customers", [record_id])


def test_a_ghost_is_buried_when_a_second_audit_sees_it_after_another_read(play: Play) -> None:
    scene = play(site)
    _haunted(scene)
    first = audit(scene, "customers")["customers"]
    assert (first.ghosts, first.mended, first.is_clean) == (0, 0, True)
    assert findings(scene, "AND NOT is_confirmed") == [("ghost", "c002", "deletion_unseen")]
    again = audit(scene, "customers")["customers"]
    assert again.ghosts == 0, "nothing was read since the first audit, so the deletion may still be on its way"
    settle(scene)
    second = audit(scene, "customers")["customers"]
    assert (second.ghosts, second.mended, second.is_clean) == (1, 1, False)
    assert scene.differences("customers") == {}
    third = audit(scene, "customers")["customers"]
    assert third.is_clean
    assert findings(scene) == []


def test_a_record_that_only_the_list_leaves_out_is_no_ghost(play: Play) -> None:
    scene = play(site)
    settle(scene)

    def without_c003(request: Request, proceed: Callable[[], Reply]) -> Reply:
        reply = proceed()
        if "sort_by" not in request.raw_target:
            return reply
        page = json.loads(reply.body)
        page["list"] = [each for each in page["list"] if each.get("customer", {}).get("id") != "c003"]
        return replace(reply, body=json.dumps(page).encode())

    scene.disturb(without_c003)
    done = audit(scene, "customers")["customers"]
    assert (done.listed, done.stored, done.ghosts, done.held_back) == (129, 130, 0, 0)
    assert findings(scene) == []


def test_too_many_gone_at_once_are_kept_and_said(play: Play) -> None:
    """55 of 60 customers are gone from the list: more than fifty, and more than one in a hundred."""
    scene = play(account)
    settle(scene)
    for number in range(1, 56):
        scene.vendor.delete("customer", str(number))
    done = audit(scene, "customer")["customer"]
    assert (done.listed, done.stored, done.held_back, done.ghosts) == (5, 60, 55, 0)
    assert not done.is_clean
    assert findings(scene) == []


@pytest.mark.parametrize("name", sorted(CAST))
def test_a_permission_that_was_taken_away_deletes_nothing(name: str, play: Play) -> None:
    scene = play(CAST[name].make)
    settle(scene)
    before = scene.count("raw.head", "NOT is_deleted")

    def forbidden(request: Request, proceed: Callable[[], Reply]) -> Reply:
        return proceed() if "token" in request.raw_target else scene.vendor.error(403, "forbidden")

    scene.disturb(forbidden)
    with pytest.raises(UnreachableError):
        audit(scene, CAST[name].stream)
    scene.disturb()
    assert scene.count("raw.head", "NOT is_deleted") == before
    assert findings(scene) == []


def test_an_auditor_that_compares_nothing_reports_itself(play: Play) -> None:
    scene = play(site)
    settle(scene)

    def asleep(store: Store, audit: Audit, withheld: str | None) -> list[Difference]:
        del store, audit, withheld
        return []

    done = audit(scene, "customers", compare=asleep)["customers"]
    assert done.plant_found is False
    assert not done.is_clean
    assert scene.rows("plant_found", "sync.audit", "") == [(False,)]


def test_the_planted_record_is_no_finding(play: Play) -> None:
    scene = play(site)
    settle(scene)
    assert audit(scene, "customers")["customers"].plant_found is True
    assert (findings(scene), scene.differences("customers")) == ([], {})


def test_what_changed_since_the_last_read_is_nobodys_loss(play: Play) -> None:
    scene = play(site)
    settle(scene)
    scene.vendor.put("customers", {"id": "late", "company": "Came after the last read"})
    done = audit(scene, "customers")["customers"]
    assert (done.listed, done.stored, done.missing) == (131, 130, 0)


def test_each_loss_is_explained_as_far_as_it_can_be_told(play: Play) -> None:
    """Thirteen customers of one minute share a stamp. One made alone has none to share its own with."""
    scene = play(site)
    settle(scene)
    scene.vendor.put("customers", {"id": "alone", "company": "Alone"})
    settle(scene)
    spoil(scene, FORGET, "customers", ["alone", "c014"])
    spoil(scene, LOSE, "customers", ["c015"])
    spoil(scene, AGE, "customers", ["c040"])
    audit(scene, "customers")
    assert findings(scene) == [
        ("missing", "alone", "late_commit"),
        ("missing", "c014", "same_second_tie"),
        ("missing", "c015", "taken_away"),
        ("stale", "c040", "same_second_tie"),
    ]


def test_a_record_without_a_stamp_was_lost_to_its_null_cursor(play: Play) -> None:
    scene = play(site)
    scene.vendor.quirks.null_updated_at = 1
    scene.vendor.put("items", {"id": "silent", "name": "Silent"})
    settle(scene)
    spoil(scene, FORGET, "items", ["silent"])
    audit(scene, "items")
    assert findings(scene) == [("missing", "silent", "null_cursor")]


def test_an_older_state_over_a_newer_one_is_called_that(play: Play) -> None:
    scene = play(site)
    settle(scene)
    scene.vendor.put("items", {"id": "plan", "name": "Plan, renamed"})
    settle(scene)
    older = """UPDATE raw.head h SET version_id = v.version_id, content_hash = v.content_hash, rank = v.rank
        FROM (SELECT stream_id, record_id, min(version_id) AS first FROM raw.version GROUP BY 1, 2) f, raw.version v
        WHERE h.stream_id = :stream_id AND h.record_id = ANY(:ids) AND f.stream_id = h.stream_id
            AND f.record_id = h.record_id AND v.stream_id = f.stream_id AND v.version_id = f.first"""
    spoil(scene, older, "items", ["plan"])
    done = audit(scene, "items")["items"]
    assert (done.stale, done.mended) == (1, 1)
    assert findings(scene) == [("stale", "plan", "overwritten")]


@pytest.mark.parametrize("name", sorted(CAST))
def test_the_auditor_asks_for_no_page_that_the_reader_asked_for(name: str, play: Play) -> None:
    """Lookups of the time and lists that a vendor offers in one way only (subjects) aside."""
    scene = play(CAST[name].make)
    asked: set[str] = set()

    def remember(request: Request, proceed: Callable[[], Reply]) -> Reply:
        asked.add(f"{request.raw_target} {request.body!r}")
        return proceed()

    scene.disturb(remember)
    settle(scene)
    scene.read(mode="full")
    read = set(asked)
    asked.clear()
    audit(scene)
    shared = {one for one in asked & read if not any(word in one for word in SHARED)}
    assert shared == set()


SHARED = ("limit=1&", "limit=1 ", "token", "SYSDATE", "/limits", "pageSize=1 ", "/subjects")
"""Questions for the time and for a login, and the one list that takes no parameter."""
