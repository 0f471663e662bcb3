"""Which events a change of a Stripe object makes, and what they say was there before.

Source: types of events in the API reference. Balance transactions make none, payment intents have no plain
`updated`. `previous_attributes` holds the old values of what changed, nested objects reduced to what changed in them.
"""

from collections.abc import Callable
from typing import TypeAlias

from sync_assets.sandbox.shelf import Record

Told: TypeAlias = list[tuple[str, bool]]
"""Event types and whether each shows `previous_attributes`."""

_INTENT_STATES = {
    "succeeded": "payment_intent.succeeded",
    "canceled": "payment_intent.canceled",
    "processing": "payment_intent.processing",
    "requires_action": "payment_intent.requires_action",
    "requires_capture": "payment_intent.amount_capturable_updated",
}
_CHARGE_STATES = {"succeeded": "charge.succeeded", "pending": "charge.pending", "failed": "charge.failed"}
_PAYOUT_STATES = {"paid": "payout.paid", "failed": "payout.failed", "canceled": "payout.canceled"}
_CLOSED = ("won", "lost", "warning_closed")


def _customer(before: Record | None, _after: Record) -> Told:
    return [("customer.created", False)] if before is None else [("customer.updated", True)]


def _intent(before: Record | None, after: Record) -> Told:
    told: Told = [("payment_intent.created", False)] if before is None else []
    moved = before is None or before["status"] != after["status"]
    if moved and after["status"] in _INTENT_STATES:
        told.append((_INTENT_STATES[after["status"]], False))
    failed = after["last_payment_error"] is not None and after["status"] == "requires_payment_method"
    if failed and (before is None or before["last_payment_error"] != after["last_payment_error"]):
        told.append(("payment_intent.payment_failed", False))
    return told


def _charge(before: Record | None, after: Record) -> Told:
    if before is None or before["status"] != after["status"]:
        return [(_CHARGE_STATES.get(after["status"], "charge.updated"), False)]
    if after["amount_refunded"] > before["amount_refunded"]:
        return [("charge.refunded", True)]
    if after["captured"] and not before["captured"]:
        return [("charge.captured", True)]
    return [("charge.updated", True)]


def _refund(before: Record | None, after: Record) -> Told:
    if before is None:
        return [("refund.created", False)]
    failed: Told = [("refund.failed", False)] if after["status"] == "failed" != before["status"] else []
    return [("refund.updated", True), ("charge.refund.updated", True), *failed]


def _dispute(before: Record | None, after: Record) -> Told:
    moved = len(after["balance_transactions"]) - (0 if before is None else len(before["balance_transactions"]))
    if before is None:
        withdrawn: Told = [("charge.dispute.funds_withdrawn", False)] if moved else []
        return [("charge.dispute.created", False), *withdrawn]
    funds = "reinstated" if after["status"] == "won" else "withdrawn"
    flow: Told = [(f"charge.dispute.funds_{funds}", True)] if moved > 0 else []
    closed = after["status"] in _CLOSED and before["status"] not in _CLOSED
    return [*flow, ("charge.dispute.closed", True) if closed else ("charge.dispute.updated", True)]


def _payout(before: Record | None, after: Record) -> Told:
    told: Told = [("payout.created", False)] if before is None else [("payout.updated", True)]
    if before is None or before["status"] != after["status"]:
        state = _PAYOUT_STATES.get(after["status"])
        told += [(state, False)] if state else []
    if before is not None and before["reconciliation_status"] != after["reconciliation_status"] == "completed":
        told.append(("payout.reconciliation_completed", False))
    return told


_TELLERS: dict[str, Callable[[Record | None, Record], Told]] = {
    "customers": _customer,
    "payment_intents": _intent,
    "charges": _charge,
    "refunds": _refund,
    "disputes": _dispute,
    "payouts": _payout,
}


def events_of(stream: str, before: Record | None, after: Record) -> Told:
    """The events of a change; none for a write that changes nothing and for streams without events."""
    teller = _TELLERS.get(stream)
    return [] if teller is None or before == after else teller(before, after)


def previous_attributes(before: Record, after: Record) -> Record:
    """The values that a change replaced; attributes that were not there before are shown as null."""
    previous: Record = {}
    for key, new in after.items():
        old = before.get(key)
        if old == new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            previous[key] = previous_attributes(old, new)
        else:
            previous[key] = old
    gone = {key: old for key, old in before.items() if key not in after}
    return previous | gone
