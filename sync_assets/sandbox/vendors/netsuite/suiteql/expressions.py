"""The grammar of SuiteQL's expressions: conditions, arithmetic, functions, CASE, CAST.

Belongs here: reading expressions. A nested query is read by the function handed in, so that this room does not import
the grammar of queries.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from sync_assets.sandbox.vendors.netsuite.suiteql.reader import Reader
from sync_assets.sandbox.vendors.netsuite.suiteql.tree import (
    Between,
    Binary,
    Call,
    Case,
    Cast,
    DateLiteral,
    Exists,
    Group,
    In,
    IsNull,
    Like,
    Name,
    Nested,
    Node,
    Null,
    Number,
    Order,
    Query,
    Star,
    Text,
    Unary,
    Window,
)
from sync_assets.sandbox.vendors.netsuite.suiteql.words import Sort

ReadQuery: TypeAlias = Callable[[Reader], Query]

_COMPARISONS = ("=", "<>", "!=", "^=", "<", "<=", ">", ">=")
_BARE_FUNCTIONS = ("SYSDATE", "SYSTIMESTAMP", "CURRENT_DATE", "CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "ROWNUM")


def expression(reader: Reader, read: ReadQuery) -> Node:
    """An expression of any precedence."""
    left = _conjunction(reader, read)
    while reader.accept("OR"):
        left = Binary(sign="OR", left=left, right=_conjunction(reader, read))
    return left


def expressions(reader: Reader, read: ReadQuery) -> tuple[Node, ...]:
    """Expressions with commas between them."""
    found = [expression(reader, read)]
    while reader.accept_sign(","):
        found.append(expression(reader, read))
    return tuple(found)


def order_list(reader: Reader, read: ReadQuery) -> tuple[Order, ...]:
    """What follows ORDER: BY and the sort expressions."""
    reader.expect("BY")
    found = [_order(reader, read)]
    while reader.accept_sign(","):
        found.append(_order(reader, read))
    return tuple(found)


def _order(reader: Reader, read: ReadQuery) -> Order:
    sorted_by = expression(reader, read)
    descending = reader.accept("ASC", "DESC") == "DESC"
    nulls = ""
    if reader.accept("NULLS"):
        nulls = reader.accept("FIRST", "LAST")
        if not nulls:
            raise reader.refuse()
    return Order(expression=sorted_by, descending=descending, nulls=nulls)


def _conjunction(reader: Reader, read: ReadQuery) -> Node:
    left = _negation(reader, read)
    while reader.accept("AND"):
        left = Binary(sign="AND", left=left, right=_negation(reader, read))
    return left


def _negation(reader: Reader, read: ReadQuery) -> Node:
    if reader.accept("NOT"):
        return Unary(sign="NOT", operand=_negation(reader, read))
    return _condition(reader, read)


def _condition(reader: Reader, read: ReadQuery) -> Node:
    if reader.accept("EXISTS"):
        reader.expect_sign("(")
        inner = read(reader)
        reader.expect_sign(")")
        return Exists(query=inner)
    left = _sum(reader, read)
    sign = reader.accept_sign(*_COMPARISONS)
    if sign:
        same = {"!=": "<>", "^=": "<>"}.get(sign, sign)
        return Binary(sign=same, left=left, right=_sum(reader, read))
    if reader.accept("IS"):
        negated = reader.accept("NOT")
        reader.expect("NULL")
        return _unless(negated, IsNull(operand=left))
    negated = reader.accept("NOT")
    test = _test(reader, read, left)
    if test is None:
        if negated:
            raise reader.refuse()
        return left
    return _unless(negated, test)


def _unless(negated: str, node: Node) -> Node:
    return Unary(sign="NOT", operand=node) if negated else node


def _test(reader: Reader, read: ReadQuery, left: Node) -> Node | None:
    if reader.accept("IN"):
        reader.expect_sign("(")
        options = read(reader) if reader.token.is_word("SELECT", "WITH") else expressions(reader, read)
        reader.expect_sign(")")
        return In(operand=left, options=options)
    if reader.accept("BETWEEN"):
        low = _sum(reader, read)
        reader.expect("AND")
        return Between(operand=left, low=low, high=_sum(reader, read))
    if reader.accept("LIKE"):
        pattern = _sum(reader, read)
        return Like(operand=left, pattern=pattern, escape=_sum(reader, read) if reader.accept("ESCAPE") else None)
    return None


def _sum(reader: Reader, read: ReadQuery) -> Node:
    left = _product(reader, read)
    while reader.token.is_sign("+", "-", "||"):
        left = Binary(sign=reader.take().text, left=left, right=_product(reader, read))
    return left


def _product(reader: Reader, read: ReadQuery) -> Node:
    left = _told(reader, read)
    while reader.token.is_sign("*", "/"):
        left = Binary(sign=reader.take().text, left=left, right=_told(reader, read))
    return left


def _told(reader: Reader, read: ReadQuery) -> Node:
    """An operand, perhaps told in another time zone."""
    node = _signed(reader, read)
    while reader.token.is_word("AT") and reader.ahead().is_word("TIME") and reader.ahead(2).is_word("ZONE"):
        reader.expect("AT", "TIME", "ZONE")
        node = Call(name="AT TIME ZONE", arguments=(node, _signed(reader, read)))
    return node


def _signed(reader: Reader, read: ReadQuery) -> Node:
    sign = reader.accept_sign("-", "+")
    return Unary(sign=sign, operand=_signed(reader, read)) if sign else _operand(reader, read)


def _operand(reader: Reader, read: ReadQuery) -> Node:
    token = reader.token
    if token.sort is Sort.NUMBER:
        return Number(value=reader.take().text)
    if token.sort is Sort.STRING:
        text = reader.take().text
        return Text(value=text) if text else Null()
    if token.is_sign("("):
        return _bracket(reader, read)
    return _worded(reader, read)


def _worded(reader: Reader, read: ReadQuery) -> Node:
    if reader.accept("NULL"):
        return Null()
    if reader.token.is_word("CASE"):
        return _case(reader, read)
    if reader.token.is_word("DATE", "TIMESTAMP") and reader.ahead().sort is Sort.STRING:
        return DateLiteral(has_time=reader.take().text == "TIMESTAMP", value=reader.take().text)
    return _named(reader, read)


def _bracket(reader: Reader, read: ReadQuery) -> Node:
    reader.expect_sign("(")
    if reader.token.is_word("SELECT", "WITH"):
        inner: Node = Nested(query=read(reader))
    else:
        members = expressions(reader, read)
        inner = members[0] if len(members) == 1 else Group(members=members)
    reader.expect_sign(")")
    return inner


def _case(reader: Reader, read: ReadQuery) -> Node:
    reader.expect("CASE")
    subject = None if reader.token.is_word("WHEN") else expression(reader, read)
    branches: list[tuple[Node, Node]] = []
    while reader.accept("WHEN"):
        when = expression(reader, read)
        reader.expect("THEN")
        branches.append((when, expression(reader, read)))
    default = expression(reader, read) if reader.accept("ELSE") else None
    reader.expect("END")
    if not branches:
        raise reader.refuse()
    return Case(subject=subject, branches=tuple(branches), default=default)


def _named(reader: Reader, read: ReadQuery) -> Node:
    if reader.token.is_word(*_BARE_FUNCTIONS) and not reader.ahead().is_sign("."):
        name = reader.take().text
        if reader.accept_sign("("):
            reader.expect_sign(")")
        return Call(name=name)
    first = reader.name()
    if reader.accept_sign("("):
        return _call(reader, read, first.upper())
    if not reader.accept_sign("."):
        return _column(reader, Name(column=first))
    second = reader.name()
    if first == "builtin":
        reader.expect_sign("(")
        return _call(reader, read, f"BUILTIN.{second.upper()}")
    return _column(reader, Name(table=first, column=second))


def _column(reader: Reader, name: Name) -> Name:
    return replace(name, outer=True) if reader.accept_sign("(+)") else name


def _call(reader: Reader, read: ReadQuery, name: str) -> Node:
    if name == "CAST":
        return _cast(reader, read)
    if name == "EXTRACT":
        part = Text(value=reader.name().upper())
        reader.expect("FROM")
        arguments: tuple[Node, ...] = (part, expression(reader, read))
        reader.expect_sign(")")
        return Call(name=name, arguments=arguments)
    distinct = bool(reader.accept("DISTINCT"))
    arguments = ()
    if reader.accept_sign("*"):
        arguments = (Star(),)
    elif not reader.token.is_sign(")"):
        arguments = expressions(reader, read)
    reader.expect_sign(")")
    return Call(name=name, arguments=arguments, distinct=distinct, window=_window(reader, read))


def _cast(reader: Reader, read: ReadQuery) -> Node:
    operand = expression(reader, read)
    reader.expect("AS")
    type_name = reader.name().upper()
    if reader.accept_sign("("):
        reader.whole_number()
        if reader.accept_sign(","):
            reader.whole_number()
        reader.expect_sign(")")
    if reader.accept("WITH"):
        reader.accept("LOCAL")
        reader.expect("TIME", "ZONE")
        type_name += " WITH TIME ZONE"
    reader.expect_sign(")")
    return Cast(operand=operand, type_name=type_name)


def _window(reader: Reader, read: ReadQuery) -> Window | None:
    if not reader.token.is_word("OVER"):
        return None
    reader.take()
    reader.expect_sign("(")
    partition: tuple[Node, ...] = ()
    if reader.accept("PARTITION"):
        reader.expect("BY")
        partition = expressions(reader, read)
    order = order_list(reader, read) if reader.accept("ORDER") else ()
    reader.expect_sign(")")
    return Window(partition=partition, order=order)
