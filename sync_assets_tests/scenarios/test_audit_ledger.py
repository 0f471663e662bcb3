"""The auditor and Stripe's ledger: entries become available without a word, and only a payout names whom it paid."""

import msgspec

from sync_assets.store.standing import newest_kept
from sync_assets_tests.scenarios.auditor import FORGET, LOSE, audit, findings, settle, spoil, stream_id
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene
from sync_assets_tests.scenarios.stripe_account import account

LEDGER = "balance_transactions"


def _stored(scene: Scene, name: str) -> dict[str, object]:
    raw = newest_kept(scene.store, stream_id(scene, LEDGER), [name])[name]
    entry: dict[str, object] = msgspec.json.decode(raw)
    return entry


def test_an_entry_that_became_available_without_a_word_is_found_and_fetched(play: Play) -> None:
    """20 of the 130 entries were paid out and are stored with their payout, which their list does not show."""
    scene = play(account)
    settle(scene)
    assert audit(scene, LEDGER)[LEDGER].is_clean
    scene.vendor.put(LEDGER, {"id": "txn_100", "status": "available"})
    done = audit(scene, LEDGER)[LEDGER]
    assert (done.stale, done.mended) == (1, 1)
    assert findings(scene) == [("stale", "txn_100", "null_cursor")]
    assert _stored(scene, "txn_100")["status"] == "available"
    assert audit(scene, LEDGER)[LEDGER].is_clean


def test_what_becomes_available_at_a_midnight_after_the_last_read_is_left_to_the_next(play: Play) -> None:
    scene = play(account)
    settle(scene)
    scene.clock.advance(hours=24)
    scene.vendor.put(LEDGER, {"id": "txn_100", "status": "available"})
    assert audit(scene, LEDGER)[LEDGER].is_clean
    scene.read()
    assert _stored(scene, "txn_100")["status"] == "available"


def test_an_entry_that_is_paid_out_keeps_its_payout_when_its_state_is_fetched(play: Play) -> None:
    scene = play(account)
    settle(scene)
    scene.vendor.put(LEDGER, {"id": "txn_000", "description": "Corrected by Stripe"})
    spoil(scene, LOSE, LEDGER, ["txn_001"])
    done = audit(scene, LEDGER)[LEDGER]
    assert (done.stale, done.missing, done.mended) == (1, 1, 2)
    assert _stored(scene, "txn_000")["description"] == "Corrected by Stripe"
    assert [_stored(scene, name)["payout"] for name in ("txn_000", "txn_001")] == ["po_1", "po_1"]


def test_the_payout_of_an_entry_of_which_nothing_was_left_comes_with_the_next_full_read(play: Play) -> None:
    scene = play(account)
    settle(scene)
    spoil(scene, FORGET, LEDGER, ["txn_001"])
    audit(scene, LEDGER)
    assert "payout" not in _stored(scene, "txn_001")
    scene.read(mode="full")
    assert _stored(scene, "txn_001")["payout"] == "po_1"
