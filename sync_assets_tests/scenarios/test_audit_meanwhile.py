"""What happens while an auditor looks, or before anybody has read: none of it is a loss."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from sync_assets.connect.audit_run import audit_system
from sync_assets.model.errors import SyncError
from sync_assets.sandbox.wire import Reply, Request
from sync_assets_tests.scenarios.auditor import audit, findings, settle, some_ids, spoil
from sync_assets_tests.scenarios.cast import CAST
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene
from sync_assets_tests.scenarios.stripe_account import account

STREAM = "charges"


def test_what_changes_while_the_list_is_read_is_left_to_the_next_read(play: Play) -> None:
    """Stripe stamps no change: list and lookup both show a charge otherwise than it is stored, and nobody lost it."""
    scene = play(account)
    settle(scene)
    late = iter(range(1))

    def busy(request: Request, proceed: Callable[[], Reply]) -> Reply:
        for _ in late if request.raw_target.startswith(f"/v1/{STREAM}?") else ():
            scene.clock.advance(minutes=5)
            scene.vendor.put(STREAM, {"id": "ch_100", "description": "Changed during the audit"})
        return proceed()

    scene.disturb(busy)
    assert audit(scene, STREAM)[STREAM].is_clean
    assert next(late, None) is None, "the charge was changed"
    assert findings(scene) == []


EMPTY = {"list": [], "items": [], "data": [], "records": [], "totalSize": 0, "totalResults": 0, "totalCount": 0}
ONWARD = {"has_more": False, "hasMore": False, "next_offset": None, "nextCursor": None, "done": True}
CLOCKS = ("token", "SYSDATE", "/limits")


def _emptied(request: Request, proceed: Callable[[], Reply]) -> Reply:
    """What a user sees whose permission was taken away, of vendors that do not refuse: lists without anybody."""
    reply = proceed()
    if any(word in f"{request.raw_target} {request.body!r}" for word in CLOCKS):
        return reply
    said = json.loads(reply.body)
    nobody = (
        {name: {**EMPTY, **ONWARD}.get(name, value) for name, value in said.items()} if isinstance(said, dict) else []
    )
    return replace(reply, body=json.dumps(nobody).encode())


@pytest.mark.parametrize("name", [name for name in sorted(CAST) if name != "stripe"])
def test_a_list_that_is_suddenly_empty_deletes_nothing(name: str, play: Play) -> None:
    """Stripe answers with a refusal, never with a list of nobody."""
    scene = play(CAST[name].make)
    settle(scene)
    stream = CAST[name].stream
    stored = scene.count("raw.head", "NOT is_deleted")
    for _ in range(2):
        scene.disturb(_emptied)
        done = audit(scene, stream)[stream]
        assert (done.listed, done.ghosts, done.mended) == (0, 0, 0)
        assert done.held_back == done.stored > 0
        scene.disturb()
        settle(scene)
    assert scene.count("raw.head", "NOT is_deleted") == stored
    assert findings(scene) == []


def test_a_stream_that_was_never_read_is_not_compared(play: Play) -> None:
    scene = play(account)
    assert audit(scene) == {}
    assert scene.rows("*", "sync.audit", "") == []


def test_a_system_that_is_not_configured_is_said_to_be(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = play(account)
    monkeypatch.delenv("SYNC_STRIPE_API_KEY")
    monkeypatch.delenv("SYNC_STRIPE_URL", raising=False)
    figures = audit_system(scene.store, scene.system, [], "audit")
    assert list(figures) == ["skipped"]
    assert json.dumps(figures).count("not configured") == 1


REFUSE_PAGES = """
    CREATE FUNCTION raw.refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no page'; END$$;
    CREATE TRIGGER refuse BEFORE INSERT ON raw.page FOR EACH ROW EXECUTE FUNCTION raw.refuse();
"""
ADMIT_PAGES = "DROP TRIGGER refuse ON raw.page; DROP FUNCTION raw.refuse();"


def _command(scene: Scene, statements: str) -> None:
    with scene.store.begin() as connection:
        connection.exec_driver_sql(statements)


def test_a_mend_that_breaks_off_leaves_the_record_as_it_was(play: Play) -> None:
    scene = play(account)
    settle(scene)
    ids = some_ids(scene, STREAM, 3)
    of_them = "WHERE stream_id = :stream_id AND record_id = ANY(:ids)"
    spoil(scene, f"UPDATE raw.head SET content_hash = 'x' {of_them}", STREAM, ids)
    stored = scene.count("raw.head", "NOT is_deleted")
    _command(scene, REFUSE_PAGES)
    try:
        with pytest.raises(SyncError, match="refused a statement"):
            audit(scene, STREAM)
    finally:
        _command(scene, ADMIT_PAGES)
    assert scene.count("raw.head", "NOT is_deleted") == stored, "nobody is gone"
    assert audit(scene, STREAM)[STREAM].mended == 3
    assert audit(scene, STREAM)[STREAM].is_clean
