"""The break list for people and programs: a table, JSON, and CSV that no spreadsheet takes for formulas."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sync_assets.integrity.ledger import read_breaks, totals
from sync_assets.model.breaks import OWNERS
from sync_assets.model.money import display, readable
from sync_assets.store.engine import Store

FORMATS = ("table", "json", "csv")

_CSV = (
    "break_id", "class", "title", "verdict", "owner", "entity", "entity_id", "customer_id", "expected", "found",
    "currency", "money_at_risk_minor", "forward_minor", "kind", "root", "caused_by", "opened_at", "closed_at",
    "state", "assignee", "accepted_until", "explanation",
)  # fmt: skip


def as_json(breaks: Sequence[dict[str, Any]]) -> str:
    """A JSON list in the documented form."""
    return json.dumps(list(breaks), indent=1, ensure_ascii=False)


def as_csv(breaks: Sequence[dict[str, Any]]) -> str:
    """Comma separated values; cells that a spreadsheet would calculate are quoted with an apostrophe."""
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow([*_CSV, "hop", "since"])
    for row in breaks:
        where = row["first_divergence"]
        writer.writerow([_plain(row[name]) for name in _CSV] + [_plain(where["hop"]), where["at"]])
    return sink.getvalue()


def _plain(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def amount(row: Mapping[str, Any]) -> str:
    """What a break is worth, for people."""
    if not row["root"]:
        return "see cause"
    return display(row["money_at_risk_minor"], row["currency"]) if row["currency"] else "-"


def as_table(breaks: Sequence[dict[str, Any]], *, is_brief: bool = False) -> Table:
    """One row per break: what, which, where, since when, worth how much, whose; brief ones keep to one line each."""
    table = Table(box=None, padding=(0, 1, 0, 0), row_styles=("", "dim"), expand=True)
    for name, options in _COLUMNS.items():
        table.add_column(name, **{"overflow": "ellipsis" if is_brief else "fold", "no_wrap": is_brief, **options})
    for row in breaks:
        where = row["first_divergence"]
        if "members" in row:
            table.add_row(*_group_cells(row))
            continue
        table.add_row(
            row["class"],
            escape(row["title"]),
            escape(f"{row['entity'].replace('_', ' ')} {row['entity_id'].partition(':')[2]}"),
            where["hop"],
            (where["at"] or "")[:10],
            amount(row) if row["root"] else f"see {row['caused_by']}",
            row["kind"] if row["root"] else "symptom",
            OWNERS[row["owner"]],
        )
    return table


def folded(breaks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The breaks with each group as one row, `members`, where its first root stood."""
    members: dict[str, list[dict[str, Any]]] = {}
    lines: list[dict[str, Any]] = []
    for row in breaks:
        if row["group"] is None:
            lines.append(row)
            continue
        known = members.setdefault(row["group"]["group_id"], [])
        known.append(row)
        if len(known) == 1:
            lines.append({**row, "members": known})
    return lines


def _group_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    """A group in the columns of the table: what is shared, how many, since when, the sums, how to see each."""
    group, members = row["group"], row["members"]
    sums = sorted(totals(list(members)).items())
    first, last = group["first_at"][:10], group["last_at"][:10]
    return (
        row["class"],
        escape(f"{row['title']}: {readable(group['shared'])}"),
        f"{len(members)} in group {group['group_id']}",
        row["first_divergence"]["hop"],
        first if first == last else f"{first}\n{last}",
        "\n".join(display(minor, currency) for (_, currency), minor in sums) or "-",
        "\n".join(kind for (kind, _), _ in sums) or row["kind"],
        OWNERS[row["owner"]],
    )


_COLUMNS: dict[str, dict[str, Any]] = {
    "class": {"no_wrap": True, "min_width": 5},
    "what": {"ratio": 1, "min_width": 20},
    "which": {"max_width": 24},
    "where": {"no_wrap": True, "min_width": 17},
    "since": {"no_wrap": True, "min_width": 10},
    "at risk": {"no_wrap": True, "justify": "right", "min_width": 14},
    "kind": {"no_wrap": True, "min_width": 8},
    "owner": {"no_wrap": True, "min_width": 7},
}


def tell(store: Store, out: Console, *, at_most: int, command: str = "sync-assets breaks") -> None:
    """What is broken, where, since when, worth how much, roots with most money first; and the sums per kind.

    `command` is what lists them all.
    """
    breaks = read_breaks(store)
    if not breaks:
        out.print("No open break.")
        return
    lines = folded(breaks)
    out.print(as_table(lines[:at_most], is_brief=True))
    if len(lines) > at_most:
        out.print(f"... and {len(lines) - at_most} more: {command}", style="dim", highlight=False)
    roots = sum(row["root"] for row in breaks)
    out.print(f"{roots} root breaks, {len(breaks) - roots} symptoms. At risk:", highlight=False)
    sums: dict[str, list[str]] = {}
    for (kind, currency), minor in sorted(totals(breaks).items()):
        sums.setdefault(kind, []).append(f"{display(minor, currency):>16}")
    for kind, amounts in sums.items():
        out.print(f"  {kind:<9}{''.join(amounts)}", highlight=False)
