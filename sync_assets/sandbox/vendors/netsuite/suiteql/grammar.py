"""The grammar of SuiteQL's queries: SELECT blocks, sources, set operators, order and row limits.

Belongs here: reading queries. Expressions are read by `expressions`. Only SELECT exists: SuiteQL is read-only.
Source: Oracle online help, SuiteQL (SQL-92 with Oracle's dialect; no LIMIT, no INSERT, UPDATE or DELETE).
"""

from sync_assets.sandbox.vendors.netsuite.suiteql.expressions import expression, expressions, order_list
from sync_assets.sandbox.vendors.netsuite.suiteql.reader import RESERVED, Reader
from sync_assets.sandbox.vendors.netsuite.suiteql.tree import Item, Node, Query, Select, Source, Star
from sync_assets.sandbox.vendors.netsuite.suiteql.words import Sort

_SET_OPERATORS = ("UNION", "MINUS", "INTERSECT", "EXCEPT")


def parse(text: str) -> Query:
    """The whole query text as a tree.

    Raises:
        RefusedError: the text is not one SuiteQL query.
    """
    reader = Reader(text)
    parsed = query(reader)
    if reader.token.sort is not Sort.END:
        raise reader.refuse()
    return parsed


def query(reader: Reader) -> Query:
    """A query at the reader: blocks, set operators, ORDER BY, OFFSET and FETCH."""
    named = _with(reader)
    blocks, operators = [_block(reader)], []
    while reader.token.is_word(*_SET_OPERATORS):
        operator = reader.take().text.replace("MINUS", "EXCEPT")
        operators.append(operator + (" ALL" if reader.accept("ALL") else ""))
        blocks.append(_block(reader))
    order = order_list(reader, query) if reader.accept("ORDER") else ()
    offset, fetch = _row_limit(reader)
    return Query(
        blocks=tuple(blocks), operators=tuple(operators), order=order, offset=offset, fetch=fetch, named=tuple(named)
    )


def _with(reader: Reader) -> list[tuple[str, Query]]:
    named: list[tuple[str, Query]] = []
    more = bool(reader.accept("WITH"))
    while more:
        name = reader.name()
        reader.expect("AS")
        reader.expect_sign("(")
        named.append((name, query(reader)))
        reader.expect_sign(")")
        more = bool(reader.accept_sign(","))
    return named


def _row_limit(reader: Reader) -> tuple[int | None, int | None]:
    offset = fetch = None
    if reader.accept("OFFSET"):
        offset = reader.whole_number()
        if not reader.accept("ROWS", "ROW"):
            raise reader.refuse()
    if reader.accept("FETCH"):
        if not reader.accept("FIRST", "NEXT"):
            raise reader.refuse()
        fetch = 1 if reader.token.is_word("ROW", "ROWS") else reader.whole_number()
        if not reader.accept("ROWS", "ROW"):
            raise reader.refuse()
        reader.expect("ONLY")
    return offset, fetch


def _block(reader: Reader) -> Select:
    if reader.accept_sign("("):
        inner = query(reader)
        reader.expect_sign(")")
        return Select(items=(Item(expression=Star()),), sources=(Source(query=inner),))
    reader.expect("SELECT")
    distinct = reader.accept("DISTINCT", "UNIQUE", "ALL") in ("DISTINCT", "UNIQUE")
    top = reader.whole_number() if reader.accept("TOP") else None
    items = _items(reader)
    reader.expect("FROM")
    sources = _sources(reader)
    where = expression(reader, query) if reader.accept("WHERE") else None
    group: tuple[Node, ...] = ()
    if reader.accept("GROUP"):
        reader.expect("BY")
        group = expressions(reader, query)
    having = expression(reader, query) if reader.accept("HAVING") else None
    return Select(items=items, sources=sources, distinct=distinct, top=top, where=where, group=group, having=having)


def _items(reader: Reader) -> tuple[Item, ...]:
    items = [_item(reader)]
    while reader.accept_sign(","):
        items.append(_item(reader))
    return tuple(items)


def _item(reader: Reader) -> Item:
    if reader.accept_sign("*"):
        return Item(expression=Star())
    if reader.ahead().is_sign(".") and reader.ahead(2).is_sign("*"):
        table = reader.name()
        reader.take()
        reader.take()
        return Item(expression=Star(table=table))
    return Item(expression=expression(reader, query), alias=_alias(reader))


def _alias(reader: Reader) -> str:
    if reader.accept("AS"):
        return reader.name()
    bare = reader.token.sort is Sort.QUOTED or (reader.token.sort is Sort.WORD and reader.token.text not in RESERVED)
    return reader.name() if bare else ""


def _sources(reader: Reader) -> tuple[Source, ...]:
    sources = [_source(reader, ",")]
    while True:
        if reader.accept_sign(","):
            sources.append(_source(reader, ","))
            continue
        join = _join(reader)
        if not join:
            return tuple(sources)
        sources.append(_source(reader, join))


def _join(reader: Reader) -> str:
    side = reader.accept("LEFT", "RIGHT", "FULL", "INNER", "CROSS")
    if side in ("LEFT", "RIGHT", "FULL"):
        reader.accept("OUTER")
    if side:
        reader.expect("JOIN")
        return f"{side} JOIN"
    return "INNER JOIN" if reader.accept("JOIN") else ""


def _source(reader: Reader, join: str) -> Source:
    table, inner = "", None
    if reader.accept_sign("("):
        inner = query(reader)
        reader.expect_sign(")")
    else:
        table = reader.name()
    alias = _alias(reader)
    condition = None
    if join not in (",", "CROSS JOIN"):
        reader.expect("ON")
        condition = expression(reader, query)
    return Source(table=table, query=inner, alias=alias or table, join=join, condition=condition)
