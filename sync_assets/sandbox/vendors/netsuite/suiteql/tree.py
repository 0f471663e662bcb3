"""The shape of a SuiteQL query once it is read.

Belongs here: plain nodes. Nothing is resolved or checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class Text:
    """A string literal."""

    value: str


@dataclass(frozen=True, kw_only=True)
class Number:
    """A numeric literal as it was written."""

    value: str


@dataclass(frozen=True, kw_only=True)
class Null:
    """NULL, which an empty string also is."""


@dataclass(frozen=True, kw_only=True)
class DateLiteral:
    """DATE '2026-01-31' or TIMESTAMP '2026-01-31 10:00:00'."""

    value: str
    has_time: bool


@dataclass(frozen=True, kw_only=True)
class Name:
    """A column, perhaps behind a table or alias; `outer` marks Oracle's (+)."""

    column: str
    table: str = ""
    outer: bool = False


@dataclass(frozen=True, kw_only=True)
class Star:
    """All columns, of one source when named."""

    table: str = ""


@dataclass(frozen=True, kw_only=True)
class Window:
    """OVER (PARTITION BY ... ORDER BY ...)."""

    partition: tuple[Node, ...] = ()
    order: tuple[Order, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call:
    """A function with its arguments; `BUILTIN.DF` is one name."""

    name: str
    arguments: tuple[Node, ...] = ()
    distinct: bool = False
    window: Window | None = None


@dataclass(frozen=True, kw_only=True)
class Unary:
    """NOT, plus or minus before an operand."""

    sign: str
    operand: Node


@dataclass(frozen=True, kw_only=True)
class Binary:
    """Two operands and what stands between them, AND and OR included."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, kw_only=True)
class IsNull:
    """IS NULL."""

    operand: Node


@dataclass(frozen=True, kw_only=True)
class In:
    """IN over a list or a query."""

    operand: Node
    options: tuple[Node, ...] | Query


@dataclass(frozen=True, kw_only=True)
class Between:
    """BETWEEN, both ends included."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, kw_only=True)
class Like:
    """LIKE with an optional escape character."""

    operand: Node
    pattern: Node
    escape: Node | None = None


@dataclass(frozen=True, kw_only=True)
class Exists:
    """EXISTS (query)."""

    query: Query


@dataclass(frozen=True, kw_only=True)
class Case:
    """CASE, searched when there is no subject."""

    subject: Node | None
    branches: tuple[tuple[Node, Node], ...]
    default: Node | None


@dataclass(frozen=True, kw_only=True)
class Cast:
    """CAST(operand AS type)."""

    operand: Node
    type_name: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Several expressions in brackets, as on the left of IN."""

    members: tuple[Node, ...]


@dataclass(frozen=True, kw_only=True)
class Nested:
    """A query used as one value."""

    query: Query


Node: TypeAlias = (
    Text
    | Number
    | Null
    | DateLiteral
    | Name
    | Star
    | Call
    | Unary
    | Binary
    | IsNull
    | In
    | Between
    | Like
    | Exists
    | Case
    | Cast
    | Group
    | Nested
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One selected expression and its alias."""

    expression: Node
    alias: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A table or query in FROM, how it joins what stands before it, and on what."""

    table: str = ""
    query: Query | None = None
    alias: str = ""
    join: str = ","
    condition: Node | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """One ORDER BY expression."""

    expression: Node
    descending: bool = False
    nulls: str = ""


@dataclass(frozen=True, kw_only=True)
class Select:
    """One SELECT block."""

    items: tuple[Item, ...]
    sources: tuple[Source, ...]
    distinct: bool = False
    top: int | None = None
    where: Node | None = None
    group: tuple[Node, ...] = ()
    having: Node | None = None


@dataclass(frozen=True, kw_only=True)
class Query:
    """SELECT blocks joined by set operators, then order and a row limit; `named` holds WITH queries."""

    blocks: tuple[Select, ...]
    operators: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    offset: int | None = None
    fetch: int | None = None
    named: tuple[tuple[str, Query], ...] = field(default=())


def chain(node: Node, sign: str) -> list[Node]:
    """The operands of a chain of the same sign, left to right, however long."""
    found: list[Node] = []
    open_nodes = [node]
    while open_nodes:
        at = open_nodes.pop()
        if isinstance(at, Binary) and at.sign == sign:
            open_nodes += [at.right, at.left]
        else:
            found.append(at)
    return found
