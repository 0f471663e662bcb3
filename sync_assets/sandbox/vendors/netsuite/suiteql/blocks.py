"""One SELECT block, said: its output columns, what follows FROM, and the limit that ROWNUM puts on it.

Belongs here: what a block is made of. Order and set operators belong to `queries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql import grouping, tree
from sync_assets.sandbox.vendors.netsuite.suiteql.names import Scope
from sync_assets.sandbox.vendors.netsuite.suiteql.outer_joins import conjoined, conjuncts
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import Piece, select
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED
from sync_assets.sandbox.vendors.netsuite.suiteql.writer import Writer

Output: TypeAlias = tuple[str, Piece, tree.Node]
"""An output column: its name, what the engine computes, what the query said."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One output column: its name in the reply and the kind of its values."""

    name: str
    kind: Kind | None


@dataclass(frozen=True, kw_only=True)
class Block:
    """A SELECT block said: output columns, what follows FROM, and how many rows ROWNUM leaves."""

    writer: Writer
    outputs: list[Output]
    tail: str
    distinct: bool
    grouped: bool
    rows: int | None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Names and kinds of the output."""
        return tuple(Column(name=name, kind=piece.kind) for name, piece, _ in self.outputs)

    def sql(self, hidden: list[str] | None = None) -> str:
        """The block; `hidden` expressions are appended as columns "o0", "o1"... for a later sort."""
        items = [f'{piece.sql} AS "{name}"' for name, piece, _ in self.outputs]
        items += [f'{sql} AS "o{at}"' for at, sql in enumerate(hidden or [])]
        limit = f" LIMIT {self.rows}" if self.rows is not None else ""
        return select(("DISTINCT " if self.distinct else "") + ", ".join(items), self.tail + limit)


def said_block(block: tree.Select, scope: Scope, writer: Writer, sources: list[str]) -> Block:
    """The block over sources that are already said and in sight."""
    tail = ""
    for sql, source in zip(sources, block.sources, strict=True):
        joint = f" {source.join} " if source.join != "," else ", "
        tail += (joint if tail else "") + sql
        if source.condition is not None:
            tail += f" ON {writer.sql(source.condition)}"
    rows, where = _rownum(block.where)
    if where is not None:
        tail += f" WHERE {writer.sql(where)}"
    if block.group:
        tail += " GROUP BY " + ", ".join(writer.sql(node) for node in block.group)
    if block.having is not None:
        tail += f" HAVING {writer.sql(block.having)}"
    grouping.check(block, writer)
    outputs = _outputs(block, writer, scope)
    grouped = bool(block.group) or block.distinct
    return Block(writer=writer, outputs=outputs, tail=tail, distinct=block.distinct, grouped=grouped, rows=rows)


def _rownum(where: tree.Node | None) -> tuple[int | None, tree.Node | None]:
    """The number of rows that conditions on ROWNUM leave, and the other conditions."""
    rows: int | None = None
    kept: list[tree.Node] = []
    for condition in conjuncts(where):
        limit = _rownum_limit(condition)
        if limit is None:
            kept.append(condition)
        else:
            rows = limit if rows is None else min(rows, limit)
    return rows, conjoined(kept)


def _rownum_limit(condition: tree.Node) -> int | None:
    """The rows one condition leaves; ROWNUM counts rows as they pass, so none is ever the second before the first."""
    if not isinstance(condition, tree.Binary) or not isinstance(condition.right, tree.Number):
        return None
    if condition.left != tree.Call(name="ROWNUM") or not condition.right.value.isdigit():
        return None
    count = int(condition.right.value)
    limits = {"<=": count, "<": count - 1, "=": 1 if count == 1 else 0, ">": 0 if count else None}
    return limits.get(condition.sign)


def _outputs(block: tree.Select, writer: Writer, scope: Scope) -> list[Output]:
    found: list[Output] = []
    for at, item in enumerate(block.items, start=1):
        if isinstance(item.expression, tree.Star):
            found += [(node.column, writer.say(node), node) for node in _starred(item.expression, scope)]
        else:
            name = item.alias or getattr(item.expression, "column", "") or f"expr{at}"
            found.append((name, writer.say(item.expression), item.expression))
    return _distinctly_named(found)


def _starred(star: tree.Star, scope: Scope) -> list[tree.Name]:
    if star.table and star.table not in scope.sources:
        raise bad_query(UNSUPPORTED)
    sources = [scope.sources[star.table]] if star.table else list(scope.sources.values())
    return [tree.Name(table=source.alias, column=column) for source in sources for column in source.columns]


def _distinctly_named(outputs: list[Output]) -> list[Output]:
    seen: dict[str, int] = {}
    named: list[Output] = []
    for name, piece, node in outputs:
        again = seen.get(name, -1)
        seen[name] = again + 1
        named.append((name if again < 0 else f"{name}_{again}", piece, node))
    return named
