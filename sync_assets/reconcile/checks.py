"""The checks of the hop assets: one per class and hop, red as long as a root break is open there, and what it says.

Belongs here: a break in the words of a check's metadata. Not here: the hop assets and what they stand between.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import Any

import dagster as dg

from sync_assets.model.money import display, readable
from sync_assets.reconcile.causes import Group, groups_of
from sync_assets.reconcile.rules import RULES
from sync_assets.store.hops import SHOWN, open_at_hop
from sync_assets.store.resource import StoreResource


def hop_checks(hop: str, key: dg.AssetKey) -> list[dg.AssetChecksDefinition]:
    """A check on a hop's asset for each class that is looked for there."""
    classes = dict.fromkeys(rule.class_ for rule in RULES if rule.hop == hop)
    return [_check(hop, class_, key) for class_ in classes]


def sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Money of the root breaks among the rows, per kind and currency, as metadata."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row["is_root"] and row["currency"]:
            found[row["kind"], row["currency"]] += row["money_at_risk_minor"]
    return {
        f"at risk, {kind}, {currency}": display(minor, currency) for (kind, currency), minor in sorted(found.items())
    }


def _check(hop: str, class_: str, key: dg.AssetKey) -> dg.AssetChecksDefinition:
    advice = {rule.title: rule.advice for rule in RULES if (rule.hop, rule.class_) == (hop, class_)}

    @dg.asset_check(asset=key, name=class_, description=f"{class_}: {'; '.join(advice)}.")
    def check(store: dg.ResourceParam[StoreResource]) -> dg.AssetCheckResult:
        roots = [row for row in open_at_hop(store.open(), hop) if row["class"] == class_ and row["is_root"]]
        rows = [row for row in roots if not row["is_accepted"]]
        said = {"accepted for now": len(roots) - len(rows)} if len(roots) > len(rows) else {}
        return dg.AssetCheckResult(
            passed=not rows, severity=dg.AssetCheckSeverity.ERROR, metadata={**dict(_explained(advice, rows)), **said}
        )

    return check


def _explained(advice: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any]]:
    """What a red check says: how many, worth how much, what to do, and each break with what was expected and found."""
    yield "open breaks", len(rows)
    if rows:
        yield from sums(rows).items()
        yield "what to do", " ".join(dict.fromkeys(advice[row["title"]] for row in rows if row["title"] in advice))
        groups = groups_of(rows)
        if groups:
            yield "shared causes", dg.MetadataValue.table([_shared(group) for group in groups[:SHOWN]])
        yield "which", dg.MetadataValue.table([_record(row) for row in rows[:SHOWN]])


def _shared(group: Group) -> dg.TableRecord:
    """One cause that several breaks share, with their sums and how to list them."""
    return dg.TableRecord(
        {
            "shared": readable(group.shared),
            "breaks": group.count,
            "at risk": ", ".join(display(minor, currency) for (_, currency), minor in group.money.items()) or "unknown",
            "first": f"{group.first_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            "last": f"{group.last_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            "each": f"sync-assets breaks --group {group.group_id}",
        }
    )


def _record(row: Mapping[str, Any]) -> dg.TableRecord:
    currency = row["currency"]
    return dg.TableRecord(
        {
            "record": row["entity_id"],
            "expected": readable(row["expected"]),
            "found": readable(row["found"]),
            "at risk": display(row["money_at_risk_minor"], currency) if currency else "unknown",
            "since": f"{row['diverged_at'].astimezone(UTC):%Y-%m-%d %H:%M} UTC",
            "assigned to": row["assignee"] or "",
            "break": row["break_id"],
        }
    )
