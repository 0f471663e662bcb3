"""One evaluation: from the changes since the last one to verdicts, and from verdicts to the ledger, in one transaction.

A killed evaluation changes nothing and the next one sees the same changes. There is no wall clock here: time is the
vendors' time through which everything needed was read.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sync_assets.model.breaks import Verdict
from sync_assets.model.errors import RejectError
from sync_assets.model.money import EXPONENTS, display
from sync_assets.model.roles import ROLES
from sync_assets.reconcile.landscape import Landscape
from sync_assets.reconcile.money import accrued_minor
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import CAUSES, RULES
from sync_assets.store.engine import Store
from sync_assets.store.ledger import (
    add_events,
    begin_evaluation,
    changed_through,
    close_breaks,
    consume,
    customers_by_copy,
    explain_symptoms,
    open_breaks,
    replace_waiting,
    roots_due,
    touched_roots,
    write_breaks,
    wrong_rows,
)


@dataclass(kw_only=True)
class Evaluation:
    """What an evaluation did: breaks opened and closed, and the rules that could not be judged with what they lack."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    judged: int = 0
    unknowable: dict[str, str] = field(default_factory=dict)


def evaluate(
    store: Store, landscape: Landscape, run_id: str, *, full: bool = False, rules: Sequence[Rule] = RULES
) -> Evaluation:
    """Judge everything that changed (or everything there is) and bring the ledger up to date."""
    result = Evaluation()
    entities = sorted({touch.entity for rule in rules for touch in rule.touches})
    with store.begin() as connection:
        begin_evaluation(connection)
        changes = changed_through(connection, entities)
        for rule in rules:
            work = _Judgement(connection=connection, landscape=landscape, rule=rule, run_id=run_id, result=result)
            work.carry_out(changes, full=full)
        explain_symptoms(connection, CAUSES)
        consume(connection, {name: last for name, (_, last) in changes.items()})
    return result


@dataclass(frozen=True, kw_only=True)
class _Judgement:
    """One rule inside an evaluation's transaction."""

    connection: Any
    landscape: Landscape
    rule: Rule
    run_id: str
    result: Evaluation

    def carry_out(self, changes: Mapping[str, tuple[int, int]], *, full: bool) -> None:
        complete = self.landscape.complete(self.rule.needs)
        now = self.landscape.now(self.rule.needs)
        if complete is None or now is None:
            self.result.unknowable[self.rule.name] = _lacking(self.landscape, self.rule)
            return
        first_time = any(after == 0 for after, _ in (changes[touch.entity] for touch in self.rule.touches))
        roots = None if full or first_time else self._roots(changes, complete)
        if roots is not None and not roots:
            return
        rows = [self._judged(row, complete, now) for row in self._wrong(roots, now)]
        self.result.judged += len(rows)
        self._settle(roots, {row["break_id"]: row for row in rows}, now)

    def _roots(self, changes: Mapping[str, tuple[int, int]], complete: datetime) -> list[str]:
        """Roots that changes touch, and those whose time has come."""
        roots = set(roots_due(self.connection, self.rule.name, complete))
        parameters = self.landscape.parameters()
        for touch in self.rule.touches:
            after, through = changes[touch.entity]
            if through > after:
                bound = {**parameters, "after": after, "through": through, "touched": parameters[touch.role]}
                roots |= set(touched_roots(self.connection, touch.entity, touch.root, touch.join, bound))
        return sorted(roots)

    def _wrong(self, roots: Sequence[str] | None, now: datetime) -> list[dict[str, Any]]:
        parameters = {
            **self.landscape.parameters(),
            "roots": list(roots or ()),
            "now": now,
            "no_decimals": [code for code, digits in EXPONENTS.items() if digits == 0],
            "three_decimals": [code for code, digits in EXPONENTS.items() if digits == 3],
        }
        return wrong_rows(self.connection, limited(self.rule.select, is_limited=roots is not None), parameters)

    def _judged(self, row: Mapping[str, Any], complete: datetime, now: datetime) -> dict[str, Any]:
        """The row with its id, money and verdict."""
        happened = row["happened_at"] or complete
        due = happened + timedelta(seconds=self.rule.lag_s)
        identity = f"{self.rule.name}|{row['entity_id']}|{row['at_record_id'] or ''}|{row['field']}"
        return {
            **row,
            "break_id": sha256(identity.encode()).hexdigest()[:16],
            "happened_at": happened,
            "due_at": due,
            "verdict": verdict(happened, due, complete),
            "money_minor": _money(row, now, self.landscape),
        }

    def _settle(self, roots: Sequence[str] | None, rows: Mapping[str, dict[str, Any]], now: datetime) -> None:
        """Open, renew and close breaks of the roots that were judged."""
        broken = {key: row for key, row in rows.items() if row["verdict"] in {Verdict.BROKEN, Verdict.LATE}}
        waiting = [row for key, row in rows.items() if key not in broken]
        known = open_breaks(self.connection, self.rule.name, roots)
        gone = sorted(known.keys() - broken.keys())
        new = sorted(broken.keys() - known.keys())
        customers = customers_by_copy(self.connection, [row["customer_id"] for row in broken.values()])
        write_breaks(self.connection, [self._ledger_row(row, now, customers) for row in broken.values()])
        close_breaks(self.connection, gone, now)
        replace_waiting(
            self.connection,
            self.rule.name,
            roots,
            [{name: row[name] for name in ("break_id", "root_id", "verdict", "due_at")} for row in waiting],
        )
        add_events(
            self.connection,
            [self._event(break_id, "opened", now, {"found": broken[break_id]["found"]}) for break_id in new]
            + [self._event(break_id, "closed", now, {"because": "the copies agree again"}) for break_id in gone],
        )
        self.result.opened += new
        self.result.closed += gone

    def _event(self, break_id: str, event: str, at: datetime, detail: Mapping[str, Any]) -> dict[str, Any]:
        return {"break_id": break_id, "event": event, "at": at, "run_id": self.run_id, "detail": dict(detail)}

    def _ledger_row(self, row: Mapping[str, Any], now: datetime, customers: Mapping[str, str]) -> dict[str, Any]:
        """The row as the ledger keeps it."""
        rule = self.rule
        money = row["money_minor"]
        return {
            "break_id": row["break_id"],
            "rule": rule.name,
            "root_id": row["root_id"],
            "class": rule.class_,
            "title": rule.title,
            "verdict": row["verdict"],
            "owner": rule.owner,
            "entity": rule.entity,
            "entity_id": row["entity_id"],
            "customer_id": customers.get(row["customer_id"], row["customer_id"]),
            "records": self._records(row["records"]),
            "expected": str(row["expected"]),
            "found": str(row["found"]),
            "currency": row["currency"],
            "money_at_risk_minor": money,
            "forward_minor": int(row.get("forward_minor") or 0),
            "kind": row.get("kind") or rule.kind,
            "caused_by": None,
            "hop": rule.hop,
            "system": row["at_system"] or "",
            "record_id": row["at_record_id"],
            "field": row["field"],
            "diverged_at": row["happened_at"],
            "run_id": self.run_id,
            "opened_at": now,
            "last_seen_at": now,
            "closed_at": None,
            "explanation": rule.sentence.format(**{**row, "money": _shown(money, row["currency"])}),
        }

    def _records(self, records: Sequence[Sequence[str]]) -> list[dict[str, str]]:
        return [
            {
                "system": system,
                "stream": self.landscape.streams.get((system, entity), entity),
                "record_id": record_id,
            }
            for system, entity, record_id in records
        ]


def limited(select: str, *, is_limited: bool) -> str:
    """The select with its roots limited to the parameter `:roots`, or free."""
    for marker, column in _MARKERS.items():
        select = select.replace(marker, f"AND {column} = ANY(:roots)" if is_limited else "")
    select = _LISTS.sub(r"CAST(:\1 AS text[])", select)
    return select.replace(":now", "CAST(:now AS timestamptz)")


_LISTS = re.compile(rf"(?<!:):({'|'.join((*ROLES, 'roots', 'no_decimals', 'three_decimals'))})\b")
"""Parameters that are lists of text; an empty one has no type of its own."""

_MARKERS = {
    **{f"/*roots {alias}*/": f"{alias}.record_id" for alias in "beoprs"},
    "/*order roots s*/": "split_part(s.order_id, ':', 2)",
}
"""Where a select may be limited, and by which column."""


def verdict(happened: datetime, due: datetime, complete: datetime) -> Verdict:
    """What can be said of something that should have followed by `due`, when all is read through `complete`."""
    if complete < happened:
        return Verdict.UNKNOWABLE
    return Verdict.IN_FLIGHT if complete < due else Verdict.BROKEN


def _money(row: Mapping[str, Any], now: datetime, landscape: Landscape) -> int:
    """The magnitude at risk: as the row says, or accrued since it began, in the legal entity's calendar."""
    if row.get("per_period_minor") is None:
        return abs(int(row.get("money_minor") or 0))
    zone = landscape.zone(row.get("legal_entity"))
    start = datetime.combine(row["accrues_on"], time(), zone) if row.get("accrues_on") else row["accrues_at"]
    months = int(row["period_months"] or 0)
    return abs(accrued_minor(int(row["per_period_minor"]), start.astimezone(zone), now, months))


def _shown(minor: int, currency: str | None) -> str:
    try:
        return display(minor, currency or "")
    except RejectError:
        return str(minor)


def _lacking(landscape: Landscape, rule: Rule) -> str:
    """What must be read before the rule can say anything."""
    lacking = sorted({role for role, _ in rule.needs if not landscape.systems.get(role)})
    if lacking:
        return f"no {' and no '.join(lacking)} system was ever read; set its SYNC_<SYSTEM>_URL and credentials"
    return "a stream it needs was never read to its end"
