"""From a row that a rule calls wrong to what can be said of it: its verdict, its money, its line in the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from hashlib import sha256
from typing import Any

from sync_assets.model.breaks import Verdict
from sync_assets.model.errors import RejectError
from sync_assets.model.money import display, readable
from sync_assets.reconcile.landscape import Landscape
from sync_assets.reconcile.money import Worth, worth
from sync_assets.reconcile.queues import Queues
from sync_assets.reconcile.rule import Rule

Row = dict[str, Any]

STANDING = frozenset({Verdict.BROKEN, Verdict.LATE})
"""Verdicts that stand in the ledger; the others wait."""

TOLD = ("verdict", "expected", "found", "currency", "kind", "field")
"""What of a break is news when it changes; money that only grows is none."""


def verdict(happened: datetime, due: datetime, complete: datetime, *, is_queued: bool = False) -> Verdict:
    """What can be said of something that should have followed by `due`, when all is read through `complete`."""
    if complete < happened:
        return Verdict.UNKNOWABLE
    if complete < due:
        return Verdict.IN_FLIGHT
    return Verdict.LATE if is_queued else Verdict.BROKEN


def judged(
    row: Mapping[str, Any],
    rule: Rule,
    landscape: Landscape,
    marks: tuple[datetime, datetime],
    queues: Queues | None = None,
) -> dict[str, Any]:
    """The row with its id, verdict and money; `marks` are through when all is read, and the vendors' time by then."""
    complete, now = marks
    happened = row["happened_at"] or complete
    if row.get("told_at") and complete < row["told_at"]:
        happened = row["told_at"]
    due = landscape.due_at(rule, row, happened)
    what = f"{rule.name}|{row['entity_id']}|{row['at_record_id'] or ''}|{row.get('part') or ''}"
    money = _worth(row, now, landscape)
    queued = queues.why(rule.queue, row, happened, due) if queues and rule.queue and complete >= due else None
    return {
        **row,
        "break_id": sha256(what.encode()).hexdigest()[:16],
        "happened_at": happened,
        "due_at": due,
        "verdict": verdict(happened, due, complete, is_queued=queued is not None),
        "queued": queued,
        "kind": row.get("kind") or rule.kind,
        "expected": str(row["expected"]),
        "found": str(row["found"]),
        "money_minor": money.risk_minor,
        "forward_minor": money.forward_minor,
    }


def _worth(row: Mapping[str, Any], now: datetime, landscape: Landscape) -> Worth:
    """The magnitude at risk: as the row says, or accrued since it began, in the legal entity's calendar."""
    if row.get("per_period_minor") is None:
        return Worth(risk_minor=abs(int(row.get("money_minor") or 0)))
    start, until = (_instant(row, name, landscape) for name in ("accrues", "committed"))
    if start is None:
        return Worth(risk_minor=0)
    return worth(abs(int(row["per_period_minor"])), start, now, until, int(row["period_months"] or 0))


def _instant(row: Mapping[str, Any], name: str, landscape: Landscape) -> datetime | None:
    """A day's first instant or an instant as it is, either in the calendar of the legal entity."""
    zone = landscape.zone(row.get("legal_entity"))
    day, at = row.get(f"{name}_on"), row.get(f"{name}_at")
    if day is not None:
        return datetime.combine(day, time(), zone)
    return None if at is None else at.astimezone(zone)


def ledger_row(
    row: Mapping[str, Any], rule: Rule, landscape: Landscape, customers: Mapping[str, str]
) -> dict[str, Any]:
    """The judged row as the ledger keeps it, but for when it was opened, where it parted and who saw it."""
    return {
        "break_id": row["break_id"],
        "rule": rule.name,
        "root_id": row["root_id"],
        "class": rule.class_,
        "title": rule.title,
        "verdict": row["verdict"],
        "owner": rule.owner,
        "entity": row.get("entity") or rule.entity,
        "entity_id": row["entity_id"],
        "customer_id": customers.get(row["customer_id"], row["customer_id"]),
        "records": _records(row["records"], landscape),
        "expected": row["expected"],
        "found": row["found"],
        "currency": row["currency"],
        "money_at_risk_minor": row["money_minor"],
        "forward_minor": row["forward_minor"],
        "kind": row["kind"],
        "caused_by": None,
        "hop": rule.hop,
        "system": row["at_system"] or "",
        "record_id": row["at_record_id"],
        "field": row["field"],
        "happened_at": row["happened_at"],
        "closed_at": None,
        "explanation": rule.sentence.format(**_for_people(row)) + _on_its_way(row),
    }


def _on_its_way(row: Mapping[str, Any]) -> str:
    return f" It is late and on its way: {row['queued']}." if row["verdict"] == Verdict.LATE and row["queued"] else ""


def _records(records: Sequence[Sequence[str]], landscape: Landscape) -> list[dict[str, str]]:
    return [
        {"system": system, "stream": landscape.streams.get((system, entity), entity), "record_id": record_id}
        for system, entity, record_id in records
        if record_id is not None
    ]


def standing_row(row: Mapping[str, Any], known: Mapping[str, Any] | None) -> Row:
    """The row, still broken when it already was about the same field.

    A record that is touched again starts no new time of grace for what was wrong before.
    """
    if known is None or row["verdict"] in STANDING or row["field"] != known["field"]:
        return dict(row)
    return {**row, "verdict": Verdict(known["verdict"])}


def is_news(row: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether an open break says something else than it did."""
    return any(row[name] != known[name] for name in TOLD)


def _for_people(row: Mapping[str, Any]) -> Row:
    """The row with its amounts as people write them."""
    said = {name: readable(row[name]) for name in ("expected", "found")}
    return {**row, **said, "money": _shown(row["money_minor"], row["currency"])}


def _shown(minor: int, currency: str | None) -> str:
    try:
        return display(minor, currency or "")
    except RejectError:
        return str(minor)
