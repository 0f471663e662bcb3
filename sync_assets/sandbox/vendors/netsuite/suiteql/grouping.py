"""Oracle's rule for grouped queries: what is selected is grouped by, aggregated, or the same for all rows.

Belongs here: the check, which the storage engine does not make (it would pick any row of the group).
Source: Oracle Database, ORA-00979 (not a GROUP BY expression) and ORA-00937 (not a single-group group function).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.suiteql import tree
from sync_assets.sandbox.vendors.netsuite.suiteql.functions import AGGREGATES
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED

if TYPE_CHECKING:
    from sync_assets.sandbox.vendors.netsuite.suiteql.writer import Writer


def _is_aggregate(node: Any) -> bool:
    return isinstance(node, tree.Call) and node.name in AGGREGATES and node.window is None


def _below(node: Any) -> Iterator[Any]:
    """The parts of a node, nested queries left out: they group for themselves."""
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node) and not isinstance(node, tree.Query):
        yield from (getattr(node, spot.name) for spot in fields(node))


def aggregates(node: Any) -> bool:
    """True when an expression holds an aggregate."""
    return _is_aggregate(node) or any(aggregates(part) for part in _below(node))


def _settled(node: Any, grouped: set[str], writer: Writer) -> bool:
    """True when an expression has one value for each group."""
    if _is_aggregate(node):
        return True
    if isinstance(node, tree.Name):
        return writer.sql(node) in grouped
    if isinstance(node, tree.Call | tree.Case | tree.Binary | tree.Cast) and writer.sql(node) in grouped:
        return True
    return all(_settled(part, grouped, writer) for part in _below(node))


def check(block: tree.Select, writer: Writer) -> None:
    """Let a block pass.

    Raises:
        RefusedError: a grouped block selects something that is neither grouped by nor aggregated.
    """
    selected = [item.expression for item in block.items]
    if not block.group and not any(aggregates(node) for node in (*selected, block.having)):
        return
    grouped = {writer.sql(node) for node in block.group}
    for node in selected:
        if isinstance(node, tree.Star) or not _settled(node, grouped, writer):
            raise bad_query(UNSUPPORTED)
