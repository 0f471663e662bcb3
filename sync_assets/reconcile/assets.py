"""Hop assets: one per hop and per role, carrying a check per class that is red as long as a root break is open there.

`reconciled/verdicts` evaluates; the hop assets publish. They stand between the canonical assets of the two roles, so
that the lineage is red exactly where the truth was lost.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from sync_assets.connect.assets import canonical_key, in_words
from sync_assets.connect.spec import System
from sync_assets.model.money import display
from sync_assets.model.roles import HOPS, hop_asset
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import survey
from sync_assets.reconcile.rules import RULES
from sync_assets.store.hops import SHOWN, open_at_hop
from sync_assets.store.resource import StoreResource

EVALUATE_TAG = "sync-assets/evaluate"
VERDICTS = dg.AssetKey(["reconciled", "verdicts"])


def hop_key(hop: str) -> dg.AssetKey:
    """The key of a hop's asset."""
    return dg.AssetKey(["reconciled", hop_asset(hop)])


def reconcile_assets(systems: Sequence[System]) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """The evaluation, every hop, and the hops' checks."""
    hops = [_hop(hop, systems) for hop in HOPS]
    checks = [_check(hop, class_) for hop in HOPS for class_ in _classes(hop)]
    return [_verdicts(systems), *hops, *checks]


def _classes(hop: str) -> dict[str, str]:
    """The classes that are looked for at a hop, with their titles."""
    return {rule.class_: rule.title for rule in RULES if rule.hop == hop}


def _copies(systems: Sequence[System], roles: set[str]) -> list[dg.AssetKey]:
    """The canonical assets of roles that some rule looks at."""
    wanted = {(touch.role, touch.entity) for rule in RULES for touch in rule.touches}
    return [
        canonical_key(system.name, entity)
        for system in systems
        if system.role in roles
        for entity in dict.fromkeys(mapped.entity for stream in system.streams for mapped in stream.mappings)
        if (system.role, entity) in wanted
    ]


def _verdicts(systems: Sequence[System]) -> dg.AssetsDefinition:
    @dg.asset(
        key=VERDICTS,
        group_name="reconciled",
        kinds={"postgres"},
        owners=["team:finance"],
        deps=[*_copies(systems, {system.role for system in systems}), dg.AssetKey(["identity", "customers"])],
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
    sources, _, target = hop.partition("->")
    beside = _copies(systems, {role for role in (sources, target) if role})

    @dg.asset(
        key=hop_key(hop),
        group_name="reconciled",
        kinds={"postgres"},
        owners=["team:finance"],
        deps=[VERDICTS, *beside],
        description=f"Where the truth was lost at {hop}: red while a root break is open there.",
    )
    def hop_asset_of(store: dg.ResourceParam[StoreResource]) -> dg.MaterializeResult[None]:
        rows = open_at_hop(store.open(), hop)
        return dg.MaterializeResult(metadata={"open breaks": len(rows), **_sums(rows)})

    return hop_asset_of


def _check(hop: str, class_: str) -> dg.AssetChecksDefinition:
    title = _classes(hop)[class_]

    @dg.asset_check(asset=hop_key(hop), name=class_, description=f"{class_}: {title}.")
    def check(store: dg.ResourceParam[StoreResource]) -> dg.AssetCheckResult:
        rows = [row for row in open_at_hop(store.open(), hop) if row["class"] == class_ and row["is_root"]]
        return dg.AssetCheckResult(
            passed=not rows, severity=dg.AssetCheckSeverity.ERROR, metadata=dict(_explained(class_, rows))
        )

    return check


def _explained(class_: str, rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """What a red check says: expected, found, how many, which, worth how much, what to do."""
    advice = next(rule.advice for rule in RULES if rule.class_ == class_)
    yield "how many", len(rows)
    if rows:
        yield "what to do", advice
        yield "which", dg.MetadataValue.table([_record(row) for row in rows[:SHOWN]])
        yield from _sums(rows).items()


def _record(row: dict[str, Any]) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "entity": row["entity_id"],
            "expected": row["expected"],
            "found": row["found"],
            "money at risk": _amount(row["money_at_risk_minor"], row["currency"]),
            "since": row["diverged_at"].isoformat(),
            "break": row["break_id"],
        }
    )


def _amount(minor: int, currency: str | None) -> str:
    return display(minor, currency) if currency else str(minor)


def _sums(rows: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Money of the open roots per currency and kind."""
    sums: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["is_root"] and row["currency"]:
            sums[row["kind"], row["currency"]] += row["money_at_risk_minor"]
    return {f"{kind} {currency}": display(minor, currency) for (kind, currency), minor in sorted(sums.items())}
