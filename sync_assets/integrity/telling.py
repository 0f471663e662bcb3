"""A trace for people, on one screen: the copies side by side, what happened in order, and what went wrong in words."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sync_assets.integrity.changed import in_words
from sync_assets.integrity.copies import changes_in_words, field_in_words, minute, value_in_words
from sync_assets.integrity.report import amount
from sync_assets.integrity.trace import Trace
from sync_assets.model.breaks import OWNERS, Verdict

SHOWN_MAX = 14
"""Fields side by side, and events told: more would not fit on one screen. JSON has them all."""

_LABELS = ("system", "observed_at", "version_at", "exchange_rate", "copy_of", "number", "currency")
"""Fields that the heading, the timeline or the amounts say already."""


def tell(found: Trace, out: Console) -> None:
    """The trace of one record, with the first divergence marked."""
    out.print(_side_by_side(found))
    dropped = len(found.timeline) - SHOWN_MAX
    if dropped > 0:
        out.print(f"   ... {dropped} earlier events: --format json", style="dim", highlight=False)
    for event in found.timeline[max(dropped, 0) :]:
        _tell_event(found, event, out)
    for row in found.breaks:
        _tell_break(row, out)


def _side_by_side(found: Trace) -> Table:
    """The fields that several copies carry, or all of them when there is only one; money in its currency."""
    title = found.entity.replace("_", " ")
    table = Table(title, *(f"{copy['system']} {copy['record_id']}" for copy in found.copies), box=box.SIMPLE_HEAD)
    common = min(2, len(found.copies))
    fields = dict.fromkeys(name for copy in found.copies for name in copy)
    shared = [name for name in fields if sum(name in copy for copy in found.copies) >= common]
    for name in [name for name in shared if _says_something(name, found)][:SHOWN_MAX]:
        cells = [value_in_words(found.entity, name, copy.get(name), copy.get("currency")) for copy in found.copies]
        table.add_row(field_in_words(name), *map(escape, cells))
    return table


def _says_something(name: str, found: Trace) -> bool:
    """Ids of one system mean nothing beside those of another, and a flag only where it is set."""
    return (
        not name.endswith("_id")
        and name not in _LABELS
        and any(copy.get(name) is not None and copy[name] is not False for copy in found.copies)
    )


def _tell_event(found: Trace, event: Mapping[str, Any], out: Console) -> None:
    copies = {(copy["system"], copy["record_id"]): copy for copy in found.copies}
    currency = copies.get((event["system"], event["record_id"]), {}).get("currency")
    changes = changes_in_words(found.entity, event["changes"], currency)
    wrong = bool(event.get("diverged"))
    line = f"{'>>' if wrong else '  '} {minute(event['at'])}  {event['system']:<10} {event['event']}"
    out.print(
        f"{line}{f' {changes}' if changes else ''}", style="red" if wrong else None, highlight=False, markup=False
    )


def _tell_break(row: Mapping[str, Any], out: Console) -> None:
    state = "closed" if row["closed_at"] else "late" if row["verdict"] == Verdict.LATE else "open"
    worth = f"{amount(row)} {row['kind']}" if row["root"] else f"caused by {row['caused_by']}"
    hop, owner = row["first_divergence"]["hop"], OWNERS[row["owner"]]
    out.print(
        f"[bold]{row['class']} at {hop}[/bold] ({state}, {worth}, {owner}): {escape(row['explanation'])}",
        highlight=False,
        soft_wrap=True,
    )
    for change in row["first_divergence"]["changed"]:
        out.print(f"   changed there: {in_words(change)}", highlight=False, markup=False, soft_wrap=True)
