"""Which event a change of a Chargebee record is, and what the event shows.

Source: event types and their contents in the API reference (`events`), names as in the `chargebee` package's
`EventType`. Usages make no events.
"""

from collections.abc import Callable

from sync_assets.sandbox.shelf import Record

_PLAIN: dict[str, tuple[str, str, str]] = {
    "customers": ("customer_created", "customer_changed", "customer_deleted"),
    "subscriptions": ("subscription_created", "subscription_changed", "subscription_deleted"),
    "items": ("item_created", "item_updated", "item_deleted"),
    "item_prices": ("item_price_created", "item_price_updated", "item_price_deleted"),
    "invoices": ("invoice_generated", "invoice_updated", "invoice_deleted"),
    "credit_notes": ("credit_note_created", "credit_note_updated", "credit_note_deleted"),
    "transactions": ("transaction_created", "transaction_updated", "transaction_deleted"),
}

_SUBSCRIPTION_MOVES: dict[tuple[str, str], str] = {
    ("future", "in_trial"): "subscription_started",
    ("future", "active"): "subscription_started",
    ("in_trial", "active"): "subscription_activated",
    ("cancelled", "in_trial"): "subscription_reactivated",
    ("cancelled", "active"): "subscription_reactivated",
    ("paused", "active"): "subscription_resumed",
    ("non_renewing", "active"): "subscription_scheduled_cancellation_removed",
}

_SUBSCRIPTION_ENTERS: dict[str, str] = {
    "cancelled": "subscription_cancelled",
    "paused": "subscription_paused",
    "non_renewing": "subscription_cancellation_scheduled",
}

_TRANSACTION_STATES: dict[tuple[str, str], str] = {
    ("payment", "success"): "payment_succeeded",
    ("payment", "failure"): "payment_failed",
    ("payment", "in_progress"): "payment_initiated",
    ("refund", "success"): "payment_refunded",
    ("refund", "in_progress"): "refund_initiated",
    ("authorization", "success"): "authorization_succeeded",
    ("authorization", "voided"): "authorization_voided",
}


def _subscription_event(before: Record, after: Record) -> str | None:
    old, new = before["status"], after["status"]
    if old != new:
        return _SUBSCRIPTION_MOVES.get((old, new)) or _SUBSCRIPTION_ENTERS.get(new)
    if before["has_scheduled_changes"] != after["has_scheduled_changes"]:
        added = after["has_scheduled_changes"]
        return "subscription_changes_scheduled" if added else "subscription_scheduled_changes_removed"
    renewed = after.get("current_term_start", 0) > before.get("current_term_start", after.get("current_term_start", 0))
    same_items = before.get("subscription_items") == after.get("subscription_items")
    return "subscription_renewed" if renewed and same_items else None


def _invoice_event(before: Record | None, after: Record) -> str | None:
    if after["status"] == "pending":
        return "pending_invoice_created" if before is None else "pending_invoice_updated"
    return "invoice_generated" if before is not None and before["status"] == "pending" else None


def _transaction_event(before: Record | None, after: Record) -> str | None:
    if before is not None and before["status"] == after["status"]:
        return None
    return _TRANSACTION_STATES.get((after["type"], after["status"]))


_SPECIAL: dict[str, Callable[[Record | None, Record], str | None]] = {
    "subscriptions": lambda before, after: None if before is None else _subscription_event(before, after),
    "invoices": _invoice_event,
    "transactions": _transaction_event,
}


def event_type(stream: str, before: Record | None, after: Record | None) -> str | None:
    """The event type of a change; None for streams without events. `after` None means deleted."""
    plain = _PLAIN.get(stream)
    if plain is None:
        return None
    if after is None:
        return plain[2]
    special = _SPECIAL[stream](before, after) if stream in _SPECIAL else None
    return special or plain[0 if before is None else 1]


CONTENT: dict[str, dict[str, tuple[str, str]]] = {
    "customers": {},
    "subscriptions": {"customer": ("customer_id", "customers")},
    "items": {},
    "item_prices": {},
    "invoices": {"customer": ("customer_id", "customers"), "subscription": ("subscription_id", "subscriptions")},
    "credit_notes": {"customer": ("customer_id", "customers"), "invoice": ("reference_invoice_id", "invoices")},
    "transactions": {"customer": ("customer_id", "customers"), "subscription": ("subscription_id", "subscriptions")},
}
"""Records an event shows beside the changed one: key to (attribute that names it, stream it is in)."""
