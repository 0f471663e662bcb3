"""Hop assets: one per hop and per role, carrying a check per class that is red as long as a root break is open there.

`reconciled/verdicts` evaluates; the hop assets publish. They stand between the canonical assets of the two roles, so
that the lineage is red exactly where the truth was lost.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

import dagster as dg

from sync_assets.connect.assets import canonical_key, in_words
from sync_assets.connect.spec import System
from sync_assets.model.money import EXPONENTS, display
from sync_assets.model.roles import HOPS, hop_asset
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import survey
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import RULES
from sync_assets.store.hops import SHOWN, open_at_hop
from sync_assets.store.resource import StoreResource

EVALUATE_TAG = "sync-assets/evaluate"
VERDICTS = dg.AssetKey(["reconciled", "verdicts"])

_MINOR = re.compile(r"(-?\b\d+) ([A-Z]{3})\b")


def hop_key(hop: str) -> dg.AssetKey:
    """The key of a hop's asset."""
    return dg.AssetKey(["reconciled", hop_asset(hop)])


def reconcile_assets(systems: Sequence[System]) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """The evaluation, every hop, and the hops' checks."""
    hops = [_hop(hop, systems) for hop in HOPS]
    checks = [_check(hop, class_) for hop in HOPS for class_ in _classes(hop)]
    return [_verdicts(systems), *hops, *checks]


def _classes(hop: str) -> list[str]:
    """The classes that are looked for at a hop."""
    return list(dict.fromkeys(rule.class_ for rule in RULES if rule.hop == hop))


def _seen(rules: Sequence[Rule]) -> set[tuple[str, str]]:
    """The role and entity of every copy that rules look at."""
    return {(touch.role, touch.entity) for rule in rules for touch in rule.touches}.union(
        *(set(r.needs) for r in rules)
    )


def _copies(systems: Sequence[System], wanted: set[tuple[str, str]]) -> list[dg.AssetKey]:
    """The canonical assets of the systems that hold copies of a role and entity."""
    return [
        canonical_key(system.name, entity)
        for system in systems
        for entity in dict.fromkeys(mapped.entity for stream in system.streams for mapped in stream.mappings)
        if (system.role, entity) in wanted
    ]


def _beside(hop: str, systems: Sequence[System]) -> list[dg.AssetKey]:
    """What a hop stands between: the copies its rules look at; without a rule, those of its roles that any looks at."""
    rules = [rule for rule in RULES if rule.hop == hop]
    roles = hop.split("->")
    return _copies(systems, _seen(rules) if rules else {pair for pair in _seen(RULES) if pair[0] in roles})


def _verdicts(systems: Sequence[System]) -> dg.AssetsDefinition:
    @dg.asset(
        key=VERDICTS,
        group_name="reconciled",
        kinds={"postgres"},
        owners=["team:finance"],
        deps=[*_copies(systems, _seen(RULES)), dg.AssetKey(["identity", "customers"])],
        description="Judges what changed since the last time, and keeps the ledger of breaks.",
    )
    def verdicts(
        context: dg.AssetExecutionContext, store: dg.ResourceParam[StoreResource]
    ) -> dg.MaterializeResult[None]:
        with in_words():
            opened = store.open()
            is_full = context.run.tags.get(EVALUATE_TAG) == "full"
            done = evaluate(opened, survey(opened, systems), context.run.run_id, full=is_full)
            return dg.MaterializeResult(
                metadata={
                    "breaks opened": len(done.opened),
                    "breaks closed": len(done.closed),
                    "unknowable": dg.MetadataValue.json(done.unknowable),
                }
            )

    return verdicts


def _hop(hop: str, systems: Sequence[System]) -> dg.AssetsDefinition:
    @dg.asset(
        key=hop_key(hop),
        group_name="reconciled",
        kinds={"postgres"},
        owners=["team:finance"],
        deps=[VERDICTS, *_beside(hop, systems)],
        description=f"Where the truth was lost at {hop}: red while a root break is open there.",
    )
    def hop_asset_of(store: dg.ResourceParam[StoreResource]) -> dg.MaterializeResult[None]:
        rows = open_at_hop(store.open(), hop)
        roots = [row for row in rows if row["is_root"]]
        symptoms = len(rows) - len(roots)
        return dg.MaterializeResult(metadata={"open breaks": len(roots), "symptoms": symptoms, **_sums(roots)})

    return hop_asset_of


def _check(hop: str, class_: str) -> dg.AssetChecksDefinition:
    title, advice = next((rule.title, rule.advice) for rule in RULES if (rule.hop, rule.class_) == (hop, class_))

    @dg.asset_check(asset=hop_key(hop), name=class_, description=f"{class_}: {title}.")
    def check(store: dg.ResourceParam[StoreResource]) -> dg.AssetCheckResult:
        rows = [row for row in open_at_hop(store.open(), hop) if row["class"] == class_ and row["is_root"]]
        return dg.AssetCheckResult(
            passed=not rows, severity=dg.AssetCheckSeverity.ERROR, metadata=dict(_explained(advice, rows))
        )

    return check


def _explained(advice: str, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """What a red check says: expected, found, how many, which, worth how much, what to do."""
    yield "how many", len(rows)
    if rows:
        yield "what to do", advice
        yield "which", dg.MetadataValue.table([_record(row) for row in rows[:SHOWN]])
        yield from _sums(rows).items()


def _record(row: dict[str, Any]) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "entity": row["entity_id"],
            "expected": _readable(row["expected"]),
            "found": _readable(row["found"]),
            "money at risk": _amount(row["money_at_risk_minor"], row["currency"]),
            "since": f"{row['diverged_at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            "break": row["break_id"],
        }
    )


def _readable(said: str) -> str:
    """A rule's words with its amounts, which are minor units and a currency, written for people."""
    return _MINOR.sub(lambda found: display(int(found[1]), found[2]) if found[2] in EXPONENTS else found[0], said)


def _amount(minor: int, currency: str | None) -> str:
    return display(minor, currency) if currency else str(minor)


def _sums(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Money of the open roots per currency and kind."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["is_root"] and row["currency"]:
            sums[row["kind"], row["currency"]] += row["money_at_risk_minor"]
    return {f"at risk, {kind} {cur}": display(minor, cur) for (kind, cur), minor in sorted(sums.items())}
