"""Conditions in the storage engine's SQL: AND and OR, IN, BETWEEN, LIKE, EXISTS, IS NULL.

Belongs here: tests of rows. Values and comparisons of two values are said by `writer`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql import keyset, tree
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import Piece, alike, as_text
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED

if TYPE_CHECKING:
    from sync_assets.sandbox.vendors.netsuite.suiteql.writer import Writer

LIST_MAX = 1000
"""Oracle's limit of expressions in one IN list (ORA-01795)."""


def logic(writer: Writer, node: tree.Binary) -> Piece:
    """Conditions joined by AND or OR, however many."""
    parts = tree.chain(node, node.sign)
    steps = keyset.ladder(parts) if node.sign == "OR" else None
    if steps is not None:
        pairs = [alike(writer.say(left), writer.say(right), writer.facts) for left, right in steps.pairs]
        lefts, rights = (", ".join(piece.sql for piece in side) for side in zip(*pairs, strict=True))
        return Piece(sql=f"({lefts}) {steps.sign} ({rights})", kind=Kind.BOOLEAN)
    return Piece(sql=_balanced([writer.sql(part) for part in parts], node.sign), kind=Kind.BOOLEAN)


def _balanced(parts: list[str], sign: str) -> str:
    """The conditions bracketed in halves: the engine reads a chain of a thousand as deep as ten."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_balanced(parts[:middle], sign)} {sign} {_balanced(parts[middle:], sign)})"


def rows_equal(writer: Writer, node: tree.Binary) -> Piece:
    """Two lists of values, equal or not; Oracle knows no order of lists."""
    left, right = node.left, node.right
    if not isinstance(left, tree.Group) or not isinstance(right, tree.Group) or node.sign not in ("=", "<>"):
        raise bad_query(UNSUPPORTED)
    if len(left.members) != len(right.members):
        raise bad_query(UNSUPPORTED)
    return Piece(sql=f"{writer.sql(left)} {node.sign} {writer.sql(right)}", kind=Kind.BOOLEAN)


def is_null(writer: Writer, node: tree.IsNull) -> Piece:
    """IS NULL."""
    return Piece(sql=f"{writer.sql(node.operand)} IS NULL", kind=Kind.BOOLEAN)


def is_in(writer: Writer, node: tree.In) -> Piece:
    """IN over a query or a list of at most a thousand expressions."""
    left = writer.say(node.operand)
    if isinstance(node.options, tree.Query):
        inner, _kinds = writer.nesting.nested(node.options, writer.scope)
        return Piece(sql=f"{left.sql} IN ({inner})", kind=Kind.BOOLEAN)
    if len(node.options) > LIST_MAX:
        raise bad_query(UNSUPPORTED)
    if isinstance(node.operand, tree.Group):
        rows = ", ".join(writer.sql(option) for option in node.options)
        return Piece(sql=f"{left.sql} IN (VALUES {rows})", kind=Kind.BOOLEAN)
    options = ", ".join(alike(left, writer.say(option), writer.facts)[1].sql for option in node.options)
    return Piece(sql=f"{left.sql} IN ({options})", kind=Kind.BOOLEAN)


def is_between(writer: Writer, node: tree.Between) -> Piece:
    """BETWEEN, both ends included."""
    operand = writer.say(node.operand)
    low, high = (alike(operand, writer.say(end), writer.facts)[1].sql for end in (node.low, node.high))
    return Piece(sql=f"{operand.sql} BETWEEN {low} AND {high}", kind=Kind.BOOLEAN)


def is_like(writer: Writer, node: tree.Like) -> Piece:
    """LIKE, which minds the case."""
    operand = as_text(writer.say(node.operand), writer.facts)
    escape = f" ESCAPE {writer.sql(node.escape)}" if node.escape is not None else ""
    return Piece(sql=f"{operand.sql} LIKE {writer.sql(node.pattern)}{escape}", kind=Kind.BOOLEAN)


def exists(writer: Writer, node: tree.Exists) -> Piece:
    """EXISTS (query)."""
    inner, _kinds = writer.nesting.nested(node.query, writer.scope)
    return Piece(sql=f"EXISTS ({inner})", kind=Kind.BOOLEAN)
