"""The assets of the top floor: the ledger of breaks, and the milestones of every deal."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import dagster as dg

from sync_assets.connect.assets import in_words
from sync_assets.connect.spec import System
from sync_assets.integrity.ledger import read_breaks, totals
from sync_assets.integrity.unknowable import unknowable_classes
from sync_assets.model.money import display
from sync_assets.model.roles import HOPS, hop_asset
from sync_assets.store.milestones import evaluate_milestones, missing_milestones
from sync_assets.store.resource import StoreResource


def integrity_assets(systems: Sequence[System]) -> list[dg.AssetsDefinition]:
    """`integrity/breaks` and `integrity/quote_to_cash`."""
    hops = [dg.AssetKey(["reconciled", hop_asset(hop)]) for hop in HOPS]
    return [_breaks(hops), _quote_to_cash(hops, systems)]


def _breaks(hops: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    @dg.asset(
        key=dg.AssetKey(["integrity", "breaks"]),
        group_name="integrity",
        kinds={"postgres"},
        owners=["team:finance"],
        deps=hops,
        description="Every open break: what disagrees, where, since when, worth how much, whose.",
    )
    def breaks(store: dg.ResourceParam[StoreResource]) -> dg.MaterializeResult[None]:
        opened = store.open()
        rows = read_breaks(opened)
        owners = Counter(row["owner"] for row in rows if row["root"])
        return dg.MaterializeResult(
            metadata={
                "open roots": sum(row["root"] for row in rows),
                "symptoms": sum(not row["root"] for row in rows),
                "unknowable": dg.MetadataValue.json(unknowable_classes(opened)),
                **{f"owner {owner}": count for owner, count in sorted(owners.items())},
                **{f"{kind} {cur}": display(minor, cur) for (kind, cur), minor in sorted(totals(rows).items())},
            }
        )

    return breaks


def _quote_to_cash(hops: Sequence[dg.AssetKey], systems: Sequence[System]) -> dg.AssetsDefinition:
    roles: dict[str, list[str]] = defaultdict(list)
    for system in systems:
        roles[system.role].append(system.name)

    @dg.asset(
        key=dg.AssetKey(["integrity", "quote_to_cash"]),
        group_name="integrity",
        kinds={"postgres"},
        owners=["team:finance"],
        deps=hops,
        description="The milestones of every deal, from account to posted invoice, and the first one that is missing.",
    )
    def quote_to_cash(store: dg.ResourceParam[StoreResource]) -> dg.MaterializeResult[None]:
        with in_words():
            moved = evaluate_milestones(store.open(), roles)
            missing = {f"missing {name}": count for name, count in missing_milestones(store.open()).items()}
            return dg.MaterializeResult(metadata={"deals moved": moved, **missing})

    return quote_to_cash
