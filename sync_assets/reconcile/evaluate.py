"""One evaluation: from the changes since the last one to verdicts, and from verdicts to the ledger, in one transaction.

A killed evaluation changes nothing and the next one sees the same changes. There is no wall clock here: time is the
vendors' time through which everything needed was read.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sync_assets.model.breaks import Verdict
from sync_assets.model.money import EXPONENTS
from sync_assets.reconcile.judging import STANDING, is_news, judged, ledger_row, standing_row
from sync_assets.reconcile.landscape import Landscape, learned
from sync_assets.reconcile.markers import written_out
from sync_assets.reconcile.queues import Queues, queues_now
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import CAUSES, RULES
from sync_assets.reconcile.since import partings
from sync_assets.reconcile.touches import Touched, touched
from sync_assets.store.engine import Store
from sync_assets.store.evaluations import (
    age_waiting,
    begin_evaluation,
    changed_through,
    consume,
    follow_keys,
    judged_rules,
    know_sizes,
    note_judged,
    replace_waiting,
    roots_due,
    roots_open,
    rules_standing,
    wrong_rows,
)
from sync_assets.store.ledger import (
    add_events,
    close_breaks,
    customers_by_copy,
    explain_symptoms,
    known_breaks,
    write_breaks,
)

Shared = dict[str, dict[tuple[Any, ...], list[dict[str, Any]]]]
"""By a select that several rules have, what it found of which roots at which time."""

RULES_TOLD = 20
"""Rules between two lines of progress."""

_NO_DECIMALS, _THREE_DECIMALS = ([code for code, digits in EXPONENTS.items() if digits == count] for count in (0, 3))


@dataclass(kw_only=True)
class Evaluation:
    """What an evaluation did: breaks opened and closed, and the rules that could not be judged with what they lack."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    judged: int = 0
    unknowable: dict[str, str] = field(default_factory=dict)


def _unheard(_line: str) -> None:
    """Progress that nobody listens to."""


def evaluate(  # noqa: PLR0913 - the three behind the star have defaults
    store: Store,
    landscape: Landscape,
    run_id: str,
    *,
    full: bool = False,
    rules: Sequence[Rule] = RULES,
    progress: Callable[[str], None] = _unheard,
) -> Evaluation:
    """Judge everything that changed (or everything there is) and bring the ledger up to date.

    `progress` hears how far it is where rules judge everything there is.
    """
    result = Evaluation()
    landscape = learned(store, landscape, rules)
    entities = sorted({touch.entity for rule in rules for touch in rule.touches})
    with store.begin() as connection:
        begin_evaluation(connection)
        changes = changed_through(connection, entities)
        anew = _to_judge_anew(rules, landscape, {} if full else judged_rules(connection))
        if anew:
            know_sizes(connection, entities)
        follow_keys(connection, only=True)
        roots = touched(connection, landscape, changes, [rule for rule in rules if not _is_whole(rule, anew)])
        queues = queues_now(connection, landscape.mappings, landscape.systems)
        standing = rules_standing(connection, [rule.name for rule in rules])
        asked = Counter(rule.select for rule in rules)
        shared: Shared = {select: {} for select, count in asked.items() if count > 1}
        noted: list[dict[str, Any]] = []
        for whole, alike in groupby(rules, key=lambda rule: _is_whole(rule, anew)):
            follow_keys(connection, only=not whole)
            for rule in alike:
                if anew and noted and len(noted) % RULES_TOLD == 0:
                    told = f"{len(noted)} of {len(rules)} rules judged, {len(result.opened)} breaks opened"
                    progress(f"verdicts: {told}")
                work = _Judgement(
                    connection=connection,
                    landscape=landscape,
                    rule=rule,
                    run_id=run_id,
                    result=result,
                    queues=queues,
                    is_standing=rule.name in standing,
                    touched=roots,
                    shared=shared,
                )
                noted.append(work.carry_out(changes, whole=whole))
                asked[rule.select] -= 1
                if not asked[rule.select]:
                    shared.pop(rule.select, None)  # what nobody asks for any more holds no memory
        note_judged(connection, noted)
        age_waiting(connection)
        follow_keys(connection, only=True)
        explain_symptoms(connection, CAUSES, [*result.opened, *result.closed, *result.changed])
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
    queues: Queues
    is_standing: bool
    touched: Touched
    shared: Shared

    def carry_out(self, changes: Mapping[str, tuple[int, int]], *, whole: bool) -> dict[str, Any]:
        """Judge the roots that changed, or all, and say what is to be noted of the rule.

        A rule that was never judged so, or lacked something, judges all.
        """
        marks = _marks(self.landscape, self.rule)
        if marks is None:
            self.result.unknowable[self.rule.name] = _lacking(self.landscape, self.rule)
            return self._noted(None, None, self.result.unknowable[self.rule.name])
        complete, now = marks
        roots = None if whole else self._roots(complete)
        if roots is None or roots:
            wrong = self._wrong(roots, now) if self._may_be_wrong(changes) else []
            rows = [judged(row, self.rule, self.landscape, marks, self.queues) for row in wrong]
            self.result.judged += len(rows)
            if rows or self.is_standing:
                self._settle(roots, {row["break_id"]: row for row in rows}, now)
        return self._noted(complete, now, None)

    def _may_be_wrong(self, changes: Mapping[str, tuple[int, int]]) -> bool:
        """There are copies that touch roots; what no copy's change announces may always be wrong."""
        return self.rule.is_small or any(
            through for _, through in (changes[touch.entity] for touch in self.rule.touches)
        )

    def _noted(self, complete: datetime | None, now: datetime | None, lacking: str | None) -> dict[str, Any]:
        return {
            "rule": self.rule.name,
            "fingerprint": self.landscape.fingerprint(self.rule),
            "streams": self.landscape.streams_of(self.rule.needs),
            "unknowable": lacking,
            "complete_through": complete,
            "judged_at": now,
            "run_id": self.run_id,
        }

    def _roots(self, complete: datetime) -> list[str]:
        """Roots that changes touch, those whose time has come, and those of breaks that grow."""
        may_shorten = bool(self.rule.arrivals or self.rule.is_cut_off)  # lateness learned, or a period closed
        roots: set[str] = set()
        if self.is_standing:
            roots |= set(roots_due(self.connection, self.rule.name, None if may_shorten else complete))
        may_arrive = self.rule.queue is not None and self.queues.concern(self.rule.queue)
        if self.is_standing and (self.rule.is_growing or may_arrive):
            roots |= set(roots_open(self.connection, self.rule.name))
        return sorted(roots.union(*(self.touched[touch] for touch in self.rule.touches)))

    def _wrong(self, roots: Sequence[str] | None, now: datetime) -> list[dict[str, Any]]:
        parameters = {
            **self.landscape.parameters(),
            "roots": list(roots or ()),
            "now": now,
            "no_decimals": _NO_DECIMALS,
            "three_decimals": _THREE_DECIMALS,
        }
        rows = self._rows(roots, parameters)
        return rows if self.rule.weigh is None else list(self.rule.weigh(rows))

    def _rows(self, roots: Sequence[str] | None, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What the rule's select finds; rules with the same one that are asked of the same roots ask once."""
        select = self.rule.select
        known = self.shared.get(select, {})
        key = (None if roots is None else tuple(roots), parameters["now"] if ":now" in select else None)
        if key not in known:
            known[key] = wrong_rows(self.connection, written_out(select, is_limited=roots is not None), parameters)
        return known[key]

    def _settle(self, roots: Sequence[str] | None, rows: Mapping[str, dict[str, Any]], now: datetime) -> None:
        """Open, renew and close breaks of the roots that were judged; what is late goes on waiting for its queue."""
        known = known_breaks(self.connection, self.rule.name, roots, rows)
        still = {key: row for key, row in known.items() if row["closed_at"] is None}
        standing = {key: standing_row(row, still.get(key)) for key, row in rows.items()}
        standing = {key: row for key, row in standing.items() if row["verdict"] in STANDING}
        gone = sorted(still.keys() - standing.keys())
        new = sorted(standing.keys() - still.keys())
        news = sorted(key for key in standing.keys() & still.keys() if is_news(standing[key], still[key]))
        apart = (*new, *news) if self.rule.sides else new
        parted = partings(self.connection, self.rule, [standing[key] for key in apart])
        customers = customers_by_copy(self.connection, (row["customer_id"] for row in standing.values()))
        seen = {"opened_at": now, "last_seen_at": now}
        lines = []
        for key, row in standing.items():
            before = {name: still[key][name] for name in _SINCE} if key in still else seen
            line = {**ledger_row(row, self.rule, self.landscape, customers), **before, "last_seen_at": now}
            if key in parted:
                line["diverged_at"], line["run_id"] = parted[key][0], parted[key][1] or self.run_id
            lines.append(line)
        write_breaks(self.connection, lines)
        close_breaks(self.connection, gone, now)
        settled = {key for key, row in standing.items() if row["verdict"] != Verdict.LATE}
        waiting = [{name: row[name] for name in _WAITS} for key, row in rows.items() if key not in settled]
        replace_waiting(self.connection, self.rule.name, roots, waiting)
        opened = [(key, "reopened" if key in known else "opened", _told(standing[key])) for key in new]
        changed = [(key, "changed", _told(standing[key])) for key in news]
        closed = [(key, "closed", {"because": "the copies agree again"}) for key in gone]
        add_events(
            self.connection,
            [
                {"break_id": key, "event": event, "at": now, "run_id": self.run_id, "detail": detail}
                for key, event, detail in (*opened, *changed, *closed)
            ],
        )
        self.result.opened += new
        self.result.closed += gone
        self.result.changed += news


_SINCE = ("opened_at", "diverged_at", "run_id")
"""What an open break keeps while it stays open and says the same."""

_WAITS = ("break_id", "root_id", "verdict", "happened_at", "due_at")


def _to_judge_anew(rules: Sequence[Rule], landscape: Landscape, known: Mapping[str, str]) -> set[str]:
    """The rules that can be judged and were not, or not as they are now; `known` are the fingerprints of the others."""
    return {
        rule.name for rule in rules if _marks(landscape, rule) and known.get(rule.name) != landscape.fingerprint(rule)
    }


def _is_whole(rule: Rule, anew: Collection[str]) -> bool:
    """Whether all of a rule's roots are judged, and not only those that changes touch."""
    return rule.is_small or rule.name in anew


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("verdict", "expected", "found", "money_minor", "currency")}


def _marks(landscape: Landscape, rule: Rule) -> tuple[datetime, datetime] | None:
    """Through when everything that a rule needs is complete, and when it was read; None when it cannot be judged."""
    complete, now = landscape.complete(rule.needs), landscape.now(rule.needs)
    return None if complete is None or now is None or landscape.unset(rule) else (complete, now)


def _lacking(landscape: Landscape, rule: Rule) -> str:
    """What must be read before the rule can say anything."""
    if unset := landscape.unset(rule):
        return f"set {' or '.join(unset)} to the field that holds it"
    lacking = sorted({role for role, _ in rule.needs if not landscape.systems.get(role)})
    if lacking:
        return f"no {' and no '.join(lacking)} system was ever read; set its SYNC_<SYSTEM>_URL and credentials"
    return "a stream it needs was never read to its end"
