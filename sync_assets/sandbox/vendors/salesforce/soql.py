"""SOQL as text becomes a tree: SELECT, FROM, WHERE, ORDER BY, LIMIT, OFFSET of one object and its parents.

Belongs here: the grammar, and nothing of any org, so whether a column exists is not known here. Child subqueries,
GROUP BY and semi-joins are not spoken.
Source: SOQL and SOSL Reference (SELECT syntax, comparison operators, date formats, quoted string escapes).
"""

import re
from dataclasses import dataclass
from typing import NoReturn

from sync_assets.sandbox.vendors.salesforce.errors import RefusalError, malformed
from sync_assets.sandbox.vendors.salesforce.soql_tree import (
    Aggregate,
    Both,
    Condition,
    Literal,
    Not,
    Ordering,
    Path,
    Query,
    Test,
)

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d(?![\dT]))
  | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+))
  | (?P<span>(?:(?:LAST|NEXT)_N_DAYS:\d+|TODAY|YESTERDAY|TOMORROW)\b)
  | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<operator><=|>=|!=|<>|=|<|>)
  | (?P<mark>[(),])
  )""",
    re.VERBOSE | re.IGNORECASE,
)
_KEYWORDS = frozenset("select from where and or not in like order by asc desc nulls first last limit offset".split())
_OBJECTS = frozenset({"order"})
"""Keywords that are objects as well. Source: Object Reference, "Order"."""
_FUNCTIONS = frozenset({"count", "min", "max", "sum", "avg", "count_distinct"})
_OFFSET_MAX = 2000
_EVERY_MAX = 200


def tokens(text: str) -> list[tuple[str, str]]:
    """The words of a query as (kind, text), closed by an `end`."""
    found: list[tuple[str, str]] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise malformed(f"unexpected char: '{text[position:].lstrip()[:1]}'")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        position = match.end()
    return [*found, ("end", "<EOF>")]


@dataclass(kw_only=True)
class _Reader:
    words: list[tuple[str, str]]
    at: int = 0

    def peek(self, ahead: int = 0) -> str:
        kind, text = self.words[min(self.at + ahead, len(self.words) - 1)]
        return text.lower() if kind in {"word", "operator", "mark", "end"} else f"<{kind}>"

    def take(self) -> tuple[str, str]:
        word = self.words[self.at]
        self.at = min(self.at + 1, len(self.words) - 1)
        return word

    def accept(self, *texts: str) -> bool:
        if all(self.peek(place) == text for place, text in enumerate(texts)):
            self.at += len(texts)
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            self.stop()

    def stop(self) -> NoReturn:
        raise malformed(f"unexpected token: '{self.words[self.at][1]}'")

    def name(self, *, allowed: frozenset[str] = frozenset()) -> str:
        kind, text = self.words[self.at]
        if kind != "word" or text.lower() in _KEYWORDS - allowed:
            self.stop()
        self.at += 1
        return text

    def count(self) -> int:
        kind, text = self.take()
        if kind != "number" or not text.isdigit():
            raise malformed(f"unexpected token: '{text}'")
        return int(text)


def parse(text: str) -> Query:
    """The tree of one query.

    Raises:
        RefusalError: MALFORMED_QUERY where the text is no SOQL, NUMBER_OUTSIDE_VALID_RANGE for an offset over 2,000.
    """
    reader = _Reader(words=tokens(text))
    reader.expect("select")
    every = _fields_function(reader)
    columns, aggregates = ((), ()) if every else _select(reader)
    reader.expect("from")
    entity = reader.name(allowed=_OBJECTS)
    alias = "" if reader.peek() in _KEYWORDS or reader.peek() == "<eof>" else reader.name()
    where = _condition(reader) if reader.accept("where") else None
    order = _order(reader) if reader.accept("order", "by") else ()
    limit = reader.count() if reader.accept("limit") else None
    offset = reader.count() if reader.accept("offset") else 0
    if reader.peek() != "<eof>":
        reader.stop()
    if every in {"all", "custom"} and not (limit and limit <= _EVERY_MAX):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_EVERY_MAX}")
    if offset > _OFFSET_MAX:
        raise RefusalError(400, "NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_OFFSET_MAX}")
    return Query(
        columns=columns,
        every=every,
        aggregates=aggregates,
        entity=entity,
        alias=alias,
        where=where,
        order=order,
        limit=limit,
        offset=offset,
    )


def _fields_function(reader: _Reader) -> str:
    if not reader.accept("fields", "("):
        return ""
    kind = reader.name().lower()
    if kind not in {"all", "standard", "custom"}:
        raise malformed(f"unexpected token: '{kind}'")
    reader.expect(")")
    return kind


def _select(reader: _Reader) -> tuple[tuple[Path, ...], tuple[Aggregate, ...]]:
    columns: list[Path] = []
    aggregates: list[Aggregate] = []
    while True:
        name = reader.name()
        if reader.accept("("):
            aggregates.append(_aggregate(reader, name, len(aggregates)))
        else:
            columns.append(tuple(name.split(".")))
        if not reader.accept(","):
            break
    if columns and aggregates:
        raise malformed(f"Field must be grouped or aggregated: {'.'.join(columns[0])}")
    return tuple(columns), tuple(aggregates)


def _aggregate(reader: _Reader, function: str, number: int) -> Aggregate:
    if function.lower() not in _FUNCTIONS:
        raise malformed(f"unexpected token: '{function}'")
    path: Path = () if reader.peek() == ")" else tuple(reader.name().split("."))
    if not path and function.lower() != "count":
        reader.stop()
    reader.expect(")")
    named = reader.peek() not in {",", "from", "<eof>"}
    return Aggregate(function=function.lower(), path=path, alias=reader.name() if named else f"expr{number}")


def _condition(reader: _Reader) -> Condition:
    first = _part(reader)
    word = reader.peek()
    if word not in {"and", "or"}:
        return first
    parts = [first]
    while reader.accept(word):
        parts.append(_part(reader))
    if reader.peek() in {"and", "or"}:  # SOQL wants parentheses where AND and OR meet
        reader.stop()
    return Both(parts=tuple(parts), any_of=word == "or")


def _part(reader: _Reader) -> Condition:
    if reader.accept("not"):
        return Not(part=_part(reader))
    if reader.accept("("):
        inside = _condition(reader)
        reader.expect(")")
        return inside
    path = tuple(reader.name().split("."))
    if reader.accept("not", "in"):
        return Test(path=path, operator="not in", values=_values(reader))
    if reader.accept("in"):
        return Test(path=path, operator="in", values=_values(reader))
    kind, operator = reader.take()
    if kind != "operator" and operator.lower() != "like":
        raise malformed(f"unexpected token: '{operator}'")
    operator = "!=" if operator == "<>" else operator.lower()
    return Test(path=path, operator=operator, values=(_literal(reader),))


def _values(reader: _Reader) -> tuple[Literal, ...]:
    reader.expect("(")
    values = [_literal(reader)]
    while reader.accept(","):
        values.append(_literal(reader))
    reader.expect(")")
    return tuple(values)


def _literal(reader: _Reader) -> Literal:
    kind, text = reader.take()
    if kind in {"string", "number", "date", "datetime", "span"}:
        return Literal(kind=kind, text=text)
    if text.lower() in {"true", "false"}:
        return Literal(kind="boolean", text=text.lower())
    if text.lower() == "null":
        return Literal(kind="null", text="null")
    raise malformed(f"unexpected token: '{text}'")


def _order(reader: _Reader) -> tuple[Ordering, ...]:
    found = []
    while True:
        path = tuple(reader.name().split("."))
        descending = reader.accept("desc") or (reader.accept("asc") and False)
        nulls_last = reader.accept("nulls", "last") or (reader.accept("nulls", "first") and False)
        found.append(Ordering(path=path, descending=descending, nulls_last=nulls_last))
        if not reader.accept(","):
            return tuple(found)
