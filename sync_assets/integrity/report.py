"""The break list for people and programs: a table, JSON, and CSV that no spreadsheet takes for formulas."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from sync_assets.integrity.ledger import read_breaks, totals
from sync_assets.model.breaks import OWNERS
from sync_assets.model.money import display
from sync_assets.store.engine import Store

FORMATS = ("table", "json", "csv")

_CSV = (
    "break_id", "class", "title", "verdict", "owner", "entity", "entity_id", "customer_id", "expected", "found",
    "currency", "money_at_risk_minor", "forward_minor", "kind", "root", "caused_by", "opened_at", "closed_at",
    "explanation",
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


def amount(row: dict[str, Any]) -> str:
    """What a break is worth, for people."""
    if not row["root"]:
        return "see cause"
    return display(row["money_at_risk_minor"], row["currency"]) if row["currency"] else "-"


def as_table(breaks: Sequence[dict[str, Any]]) -> Table:
    """One line per break: what, where, since when, worth how much, whose."""
    table = Table("class", "what", "which", "where", "since", "money at risk", "owner", row_styles=("", "dim"))
    for row in breaks:
        where = row["first_divergence"]
        table.add_row(
            row["class"],
            row["title"],
            row["entity_id"],
            where["hop"],
            (where["at"] or "")[:16].replace("T", " "),
            f"{amount(row)} {row['kind']}" if row["root"] else f"caused by {row['caused_by']}",
            f"{row['owner']} {OWNERS[row['owner']]}",
        )
    return table


def tell(store: Store, out: Console) -> None:
    """What is broken, where, since when, worth how much; and the sums."""
    breaks = read_breaks(store)
    if not breaks:
        out.print("No open break.")
        return
    out.print(as_table(breaks))
    roots = sum(row["root"] for row in breaks)
    out.print(f"{roots} root breaks, {len(breaks) - roots} symptoms.", highlight=False)
    for (kind, currency), minor in sorted(totals(breaks).items()):
        out.print(f"  {kind:<9}{display(minor, currency):>22}", highlight=False)
