"""Says one SuiteQL expression in the storage engine's SQL.

Belongs here: expressions, by node type. Queries are said by `queries`, which hands itself in for nested ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql import conditions, display, tree
from sync_assets.sandbox.vendors.netsuite.suiteql.conversions import cast, date_literal
from sync_assets.sandbox.vendors.netsuite.suiteql.functions import (
    AGGREGATES,
    FUNCTIONS,
    WINDOW_ONLY,
    Function,
)
from sync_assets.sandbox.vendors.netsuite.suiteql.names import Scope
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import (
    Facts,
    Piece,
    alike,
    arithmetic,
    as_number,
    common_kind,
    concatenation,
    quoted,
)
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED


class Nesting(Protocol):
    """Says a nested query."""

    def nested(self, query: tree.Query, scope: Scope) -> tuple[str, list[Kind | None]]:
        """The engine's SQL of the query and the kinds of its columns."""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """Says expressions that see the sources of one scope."""

    scope: Scope
    facts: Facts
    nesting: Nesting

    def say(self, node: tree.Node) -> Piece:
        """The node in the engine's SQL.

        Raises:
            RefusedError: a name, function or construct SuiteQL does not have.
        """
        said = _SAY[type(node)](self, node)
        return said if isinstance(said, Piece) else Piece(sql=str(said), kind=None)

    def sql(self, node: tree.Node) -> str:
        """The node's SQL alone."""
        return self.say(node).sql

    def window(self, window: tree.Window | None) -> str:
        """OVER (...), empty when there is none."""
        if window is None:
            return ""
        parts = []
        if window.partition:
            parts.append("PARTITION BY " + ", ".join(self.sql(node) for node in window.partition))
        if window.order:
            parts.append("ORDER BY " + ", ".join(self.order(order) for order in window.order))
        return f" OVER ({' '.join(parts)})"

    def order(self, order: tree.Order, said: Piece | None = None) -> str:
        """One sort expression with Oracle's place for nulls: last when ascending, first when descending."""
        piece = said or self.say(order.expression)
        direction = " DESC" if order.descending else ""
        nulls = order.nulls or ("FIRST" if order.descending else "LAST")
        return f"{piece.sql}{direction}" + ("" if piece.required else f" NULLS {nulls}")


def _refused() -> Exception:
    return bad_query(UNSUPPORTED)


def _text(_writer: Writer, node: tree.Text) -> Piece:
    return Piece(sql=quoted(node.value), kind=Kind.TEXT, literal=node.value)


def _number(_writer: Writer, node: tree.Number) -> Piece:
    return Piece(sql=node.value, kind=Kind.INTEGER if node.value.isdigit() else Kind.DECIMAL)


def _name(writer: Writer, node: tree.Name) -> Piece:
    found = writer.scope.find(node.table, node.column)
    return Piece(sql=found.sql, kind=found.kind, required=node.column in found.source.required)


def _call(writer: Writer, node: tree.Call) -> Piece:
    if node.name.startswith("BUILTIN."):
        return display.builtin(writer, node)
    if node.name == "ROWNUM":
        return Piece(sql="ROW_NUMBER() OVER ()", kind=Kind.INTEGER)
    if node.name in WINDOW_ONLY and node.window is not None:
        return Piece(sql=f"{node.name}(){writer.window(node.window)}", kind=Kind.INTEGER)
    function = AGGREGATES.get(node.name) or FUNCTIONS.get(node.name)
    if function is None or (node.window is not None and node.name in FUNCTIONS):
        raise _refused()
    return _apply(writer, node, function)


def _apply(writer: Writer, node: tree.Call, function: Function) -> Piece:
    if node.arguments and isinstance(node.arguments[0], tree.Star):
        if node.name != "COUNT":
            raise _refused()
        return Piece(sql=f"COUNT(*){writer.window(node.window)}", kind=Kind.INTEGER)
    if not function.fewest <= len(node.arguments) <= function.most:
        raise _refused()
    pieces = [writer.say(argument) for argument in node.arguments]
    if node.distinct:
        pieces[0] = Piece(sql=f"DISTINCT {pieces[0].sql}", kind=pieces[0].kind)
    written = function.write(pieces, writer.facts)
    if node.window is None:
        return written
    native = written.sql.replace("ns_sum(", "SUM(").replace("ns_avg(", "AVG(")
    return Piece(sql=native + writer.window(node.window), kind=written.kind)


def _unary(writer: Writer, node: tree.Unary) -> Piece:
    operand = writer.say(node.operand)
    if node.sign == "NOT":
        return Piece(sql=f"NOT ({operand.sql})", kind=Kind.BOOLEAN)
    number = as_number(operand)
    return number if node.sign == "+" else Piece(sql=f"(-{number.sql})", kind=number.kind)


def _binary(writer: Writer, node: tree.Binary) -> Piece:
    if node.sign in ("AND", "OR"):
        return conditions.logic(writer, node)
    if isinstance(node.left, tree.Group):
        return conditions.rows_equal(writer, node)
    left, right = writer.say(node.left), writer.say(node.right)
    if node.sign == "||":
        return concatenation(left, right, writer.facts)
    if node.sign in ("+", "-", "*", "/"):
        return arithmetic(node.sign, left, right, writer.facts)
    left, right = alike(left, right, writer.facts)
    return Piece(sql=f"{left.sql} {node.sign} {right.sql}", kind=Kind.BOOLEAN)


def _case(writer: Writer, node: tree.Case) -> Piece:
    subject = writer.say(node.subject) if node.subject is not None else None
    branches, results = [], []
    for when, then in node.branches:
        result = writer.say(then)
        condition = writer.say(when)
        if subject is not None:
            left, right = alike(subject, condition, writer.facts)
            condition = Piece(sql=f"{left.sql} = {right.sql}", kind=Kind.BOOLEAN)
        branches.append(f"WHEN {condition.sql} THEN {result.sql}")
        results.append(result)
    default = writer.say(node.default) if node.default is not None else Piece(sql="NULL", kind=None)
    return Piece(sql=f"CASE {' '.join(branches)} ELSE {default.sql} END", kind=common_kind([*results, default]))


def _cast(writer: Writer, node: tree.Cast) -> Piece:
    piece = cast(writer.say(node.operand), node.type_name, writer.facts)
    if piece is None:
        raise _refused()
    return piece


def _group(writer: Writer, node: tree.Group) -> Piece:
    return Piece(sql=f"({', '.join(writer.sql(member) for member in node.members)})", kind=None)


def _nested(writer: Writer, node: tree.Nested) -> Piece:
    inner, kinds = writer.nesting.nested(node.query, writer.scope)
    if len(kinds) != 1:
        raise _refused()
    return Piece(sql=f"({inner})", kind=kinds[0])


def _star(_writer: Writer, _node: tree.Star) -> Piece:
    raise _refused()


_SAY: dict[type, Callable[[Writer, Any], Piece]] = {
    tree.Text: _text,
    tree.Number: _number,
    tree.Null: lambda _writer, _node: Piece(sql="NULL", kind=None),
    tree.DateLiteral: lambda _writer, node: date_literal(node.value, has_time=node.has_time),
    tree.Name: _name,
    tree.Star: _star,
    tree.Call: _call,
    tree.Unary: _unary,
    tree.Binary: _binary,
    tree.IsNull: conditions.is_null,
    tree.In: conditions.is_in,
    tree.Between: conditions.is_between,
    tree.Like: conditions.is_like,
    tree.Exists: conditions.exists,
    tree.Case: _case,
    tree.Cast: _cast,
    tree.Group: _group,
    tree.Nested: _nested,
}
