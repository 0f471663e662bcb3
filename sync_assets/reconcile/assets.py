"""Hop assets: one per hop and per role, red as long as a root break is open there.

`reconciled/verdicts` evaluates; the hop assets publish. Each stands between the canonical copies that its own rules
look at, so that the lineage is red exactly where the truth was lost. What the red says is in checks.
"""

from collections.abc import Sequence

import dagster as dg

from sync_assets.connect.assets import canonical_key, in_words
from sync_assets.connect.read_run import FULL, PROGRESS
from sync_assets.connect.spec import System
from sync_assets.model.roles import HOPS, hop_asset
from sync_assets.reconcile.checks import hop_checks, sums
from sync_assets.reconcile.evaluate import evaluate
from sync_assets.reconcile.landscape import survey
from sync_assets.reconcile.rule import Rule
from sync_assets.reconcile.rules import RULES
from sync_assets.store.hops import open_at_hop
from sync_assets.store.resource import StoreResource

EVALUATE_TAG = "sync-assets/evaluate"
VERDICTS = dg.AssetKey(["reconciled", "verdicts"])


def hop_key(hop: str) -> dg.AssetKey:
    """The key of a hop's asset."""
    return dg.AssetKey(["reconciled", hop_asset(hop)])


def reconcile_assets(systems: Sequence[System]) -> list[dg.AssetsDefinition | dg.AssetChecksDefinition]:
    """The evaluation, every hop, and the hops' checks."""
    hops = [_hop(hop, systems) for hop in HOPS]
    checks = [check for hop in HOPS for check in hop_checks(hop, hop_key(hop))]
    return [_verdicts(systems), *hops, *checks]


def _seen(rules: Sequence[Rule]) -> set[tuple[str, str]]:
    """The role and entity of every copy that rules look at."""
    return {pair for rule in rules for pair in (*rule.needs, *((touch.role, touch.entity) for touch in rule.touches))}


def _copies(systems: Sequence[System], wanted: set[tuple[str, str]]) -> list[dg.AssetKey]:
    """The canonical assets that hold copies of an entity for a role."""
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
            is_full = context.run.tags.get(EVALUATE_TAG) == FULL
            landscape = survey(opened, systems)
            done = evaluate(opened, landscape, context.run.run_id, full=is_full, progress=PROGRESS.info)
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
        roots = sum(row["is_root"] for row in rows)
        return dg.MaterializeResult(metadata={"open breaks": roots, "symptoms": len(rows) - roots, **sums(rows)})

    return hop_asset_of
