"""Oracle's (+) turned into the LEFT JOIN it means.

Belongs here: rewriting one SELECT block before it is said. The two notations cannot be mixed in one query.
Source: Oracle online help, Query Language Compliance.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.suiteql.tree import Binary, Name, Node, Query, Select, Source, chain
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED


def conjuncts(node: Node | None) -> list[Node]:
    """The conditions that AND joins at the top of a condition."""
    return [] if node is None else chain(node, "AND")


def conjoined(nodes: list[Node]) -> Node | None:
    """The conditions joined by AND; None when there are none."""
    whole: Node | None = None
    for node in nodes:
        whole = node if whole is None else Binary(sign="AND", left=whole, right=node)
    return whole


def _marked(node: Any) -> set[str]:
    """The tables marked with (+) inside a condition; nested queries have their own."""
    if isinstance(node, Name):
        return {node.table} if node.outer else set()
    if isinstance(node, tuple):
        return {table for member in node for table in _marked(member)}
    if not is_dataclass(node) or isinstance(node, Query):
        return set()
    return {table for spot in fields(node) for table in _marked(getattr(node, spot.name))}


def _unmarked(node: Any) -> Any:
    if isinstance(node, Name):
        return replace(node, outer=False)
    if isinstance(node, tuple):
        return tuple(_unmarked(member) for member in node)
    if not is_dataclass(node) or isinstance(node, type | Query):
        return node
    return replace(node, **{spot.name: _unmarked(getattr(node, spot.name)) for spot in fields(node)})


def as_left_joins(select: Select) -> Select:
    """The block with every (+) said as a LEFT JOIN, the optional tables last.

    Raises:
        RefusedError: both notations in one block, or a condition that marks two tables.
    """
    if len(select.sources) == 1:
        return select
    kept: list[Node] = []
    conditions: dict[str, list[Node]] = {}
    for condition in conjuncts(select.where):
        tables = _marked(condition)
        if len(tables) > 1:
            raise bad_query(UNSUPPORTED)
        (conditions.setdefault(tables.pop(), []) if tables else kept).append(_unmarked(condition))
    if not conditions:
        return select
    if any(source.join != "," for source in select.sources) or not set(conditions) <= {s.alias for s in select.sources}:
        raise bad_query(UNSUPPORTED)
    first: list[Source] = [source for source in select.sources if source.alias not in conditions]
    optional = [
        replace(source, join="LEFT JOIN", condition=conjoined(conditions[source.alias]))
        for source in select.sources
        if source.alias in conditions
    ]
    return replace(select, sources=(*first, *optional), where=conjoined(kept))
