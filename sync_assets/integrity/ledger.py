"""The ledger of breaks as others script against it: one dictionary per break, in the documented form."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sync_assets.reconcile.causes import Group, group_by_break, groups_of
from sync_assets.store.breaks import Filter, count_open_roots, list_breaks
from sync_assets.store.engine import Store


def read_breaks(store: Store, wanted: Filter | None = None) -> list[dict[str, Any]]:
    """The breaks in the form of `sync-assets breaks --format json`; symptoms carry no money.

    `group` is what a root shares with the others of this answer, null for one that stands alone.
    """
    rows = list_breaks(store, wanted or Filter())
    groups = group_by_break(groups_of(rows))
    return [{**as_documented(row), "group": _told_group(groups.get(row["break_id"]))} for row in rows]


def _told_group(group: Group | None) -> dict[str, Any] | None:
    if group is None:
        return None
    return {
        "group_id": group.group_id,
        "count": group.count,
        "shared": group.shared,
        "first_at": instant(group.first_at),
        "last_at": instant(group.last_at),
    }


def open_roots(store: Store) -> int:
    """How many root breaks need a person."""
    return count_open_roots(store)


def as_documented(row: dict[str, Any]) -> dict[str, Any]:
    """One row of the ledger in the documented form; instants in UTC."""
    is_root = row["caused_by"] is None
    return {
        "break_id": row["break_id"],
        "class": row["class"],
        "title": row["title"],
        "verdict": row["verdict"],
        "owner": row["owner"],
        "entity": row["entity"],
        "entity_id": row["entity_id"],
        "customer_id": row["customer_id"],
        "records": row["records"],
        "expected": row["expected"],
        "found": row["found"],
        "currency": row["currency"],
        "money_at_risk_minor": row["money_at_risk_minor"] if is_root else 0,
        "forward_minor": row["forward_minor"] if is_root else 0,
        "kind": row["kind"],
        "root": is_root,
        "caused_by": row["caused_by"],
        "first_divergence": {
            "hop": row["hop"],
            "system": row["system"],
            "record_id": row["record_id"],
            "field": row["field"],
            "at": instant(row["diverged_at"]),
            "run_id": row["run_id"],
        },
        "opened_at": instant(row["opened_at"]),
        "last_seen_at": instant(row["last_seen_at"]),
        "closed_at": instant(row["closed_at"]),
        "explanation": row["explanation"],
        "state": _state(row),
        "assignee": row["assignee"],
        "accepted_until": row["accepted_until"] if row["is_accepted"] else None,
    }


def _state(row: dict[str, Any]) -> str:
    """Where a break is in its life; `fixed` is what somebody says while the copies still disagree."""
    if row["closed_at"] is not None:
        return "closed"
    if row["is_accepted"]:
        return "accepted"
    return "fixed" if row["act"] == "fixed" else "assigned" if row["assignee"] else "open"


def instant(at: datetime | None) -> str | None:
    """An instant as text, e.g. 2026-11-20T10:00:00Z."""
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def totals(breaks: list[dict[str, Any]]) -> dict[tuple[str, str], int]:
    """Money at risk of the roots per kind and currency; symptoms never count."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in breaks:
        if row["root"] and row["currency"]:
            sums[row["kind"], row["currency"]] += row["money_at_risk_minor"]
    return dict(sums)
