"""SuiteQL as data: a table's columns, joins, keys and stamps, and the statements made from them.

Belongs here: how a statement is put together. Not here: which tables there are (tables.py), sending (reads.py).
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

TIME_FORMAT = "YYYY-MM-DD HH24:MI:SS"
"""Always named, both ways: otherwise dates follow the user's preferences (online help section_156257805177)."""


@dataclass(frozen=True, kw_only=True)
class Selected:
    """One column of a statement: its name in the reply, its expression, and `time` or `day` where it is a date."""

    name: str
    of: str
    form: str = ""


def _selected(word: str) -> Selected:
    name, _, rest = word.rpartition("=")
    of, _, form = rest.partition(":")
    return Selected(name=name or of.rpartition(".")[2], of=of, form=form)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One stream's statement. Column words are `[name=]alias.column[:time|:day]`.

    Attributes:
        source: the table with its alias.
        keys: what orders rows and finds them again; whole numbers that never change.
        stamps: change stamps, the first of which every account has; a row changed when any of them moved.
        needed: columns without which a record means nothing.
        optional: columns of features that not every account has; left out when the account refuses them.
        instead: a refused column's place in a needed one: what else tells the same.
        joins: alias to its join, in the order in which they depend on each other.
        bound: the day that bounds a first read.
        deleted_as: names of its record types in the list of deletions.
        deleted_type: number of its record type in that list.
    """

    source: str
    keys: tuple[str, ...]
    needed: str
    optional: str = ""
    stamps: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    joins: Mapping[str, str] = field(default_factory=dict)
    bound: str = ""
    deleted_as: frozenset[str] = frozenset()
    deleted_type: str = ""

    @property
    def name(self) -> str:
        """The table's own name."""
        return self.source.partition(" ")[0]

    def left_out(self, without: Collection[str]) -> list[str]:
        """What was refused, by its name in the reply where it has one."""
        names = {column.of: column.name for column in map(_selected, self.optional.split())}
        return [names.get(of, of) for of in without]

    def columns(self, without: Collection[str]) -> tuple[Selected, ...]:
        """The columns to ask for, less those that the account refused."""
        extra = [column for column in map(_selected, self.optional.split()) if column.of not in without]
        needed = map(_selected, self.needed.split())
        return (*(_selected(self.instead[one.of]) if one.of in without else one for one in needed), *extra)

    def stamps_in(self, without: Collection[str]) -> tuple[str, ...]:
        """The stamps to filter by, less those that the account refused."""
        return tuple(stamp for stamp in self.stamps if stamp not in without)

    def refusable(self, word: str, without: Collection[str]) -> tuple[str, ...]:
        """The columns and stamps that a refusal of this word concerns and that can be spared.

        A table and the column that leads to it may share a name: what hangs on the table goes first.
        """
        found = [*(column.of for column in map(_selected, self.optional.split())), *self.stamps[1:], *self.instead]
        left = [of for of in found if of not in without]
        joined = tuple(of for of in left if word in self._joined_words(of))
        return joined or tuple(of for of in left if word == of.rpartition(".")[2])

    def is_needed(self, word: str) -> bool:
        """Whether it names what the stream cannot do without: the table itself, or a column of it."""
        return word == self.name or any(
            column.of.rpartition(".")[2] == word for column in map(_selected, self.needed.split())
        )

    def expendable(self, without: Collection[str]) -> tuple[str, ...]:
        """What to leave out next when a refusal does not say why: a joined table, then the table's own columns."""
        left = [column.of for column in map(_selected, self.optional.split()) if column.of not in without]
        joined = [of.partition(".")[0] for of in left if of.partition(".")[0] in self.joins]
        if joined:
            return tuple(of for of in left if of.partition(".")[0] == joined[-1])
        return tuple(left) or tuple(stamp for stamp in self.stamps[1:] if stamp not in without)

    def _joined_words(self, of: str) -> set[str]:
        return {*re.findall(r"\w+", " ".join(self._joins([of])).lower())} - {"id"}

    def _joins(self, expressions: Iterable[str]) -> list[str]:
        """The joins that expressions need, and those that these need in turn."""
        text, chosen = " ".join(expressions), list[str]()
        for alias, join in reversed(list(self.joins.items())):
            if re.search(rf"\b{alias}\.", text):
                chosen.insert(0, join)
                text += " " + join.partition(" ON ")[2]
        return chosen

    def statement(self, conditions: Sequence[str], without: Collection[str], suffix: str) -> str:
        """The rows that meet every condition, in the order of the keys, every time as text with its zone behind it."""
        columns, stamps = self.columns(without), self.stamps_in(without)
        parts = [_expression(column, suffix) for column in columns]
        if stamps:
            parts.append(f"{_time(latest(stamps), suffix)} AS lastmodifieddate")
        joins = self._joins([*(column.of for column in columns), *stamps, *self.keys, *conditions])
        clauses = ["SELECT", ", ".join(parts), "FROM", self.source, *joins]
        if conditions:
            clauses += ["WHERE", " AND ".join(f"({condition})" for condition in conditions)]
        return " ".join([*clauses, "ORDER BY", ", ".join(self.keys)])


def newest(table: Table) -> str:
    """The row that changed last, by the table's own stamp."""
    stamp = table.stamps[-1]
    columns = [*table.keys, f"TO_CHAR({stamp}, '{TIME_FORMAT}') AS changed"]
    order = [f"{stamp} DESC", *(f"{key} DESC" for key in table.keys)]
    words = ["SELECT", ", ".join(columns), "FROM", table.source, "WHERE", stamp, "IS NOT NULL"]
    return " ".join([*words, "ORDER BY", ", ".join(order)])


def latest(stamps: Sequence[str]) -> str:
    """The later of the stamps, the first where the second is null."""
    if len(stamps) == 1:
        return stamps[0]
    first, second = stamps
    return f"CASE WHEN {second} > {first} THEN {second} ELSE {first} END"


def _time(of: str, suffix: str) -> str:
    text = f"TO_CHAR({of}, '{TIME_FORMAT}')"
    return f"{text} || '{suffix}'" if suffix else text


def _expression(column: Selected, suffix: str) -> str:
    of = _time(column.of, suffix if column.form == "time" else "") if column.form else column.of
    return of if of.rpartition(".")[2] == column.name and not column.form else f"{of} AS {column.name}"


def moment(text: str) -> str:
    """A date and time as SuiteQL reads it."""
    return f"TO_DATE('{text}', '{TIME_FORMAT}')"


def between(stamp: str, low: str, high: str) -> str:
    """The condition of a window, both ends included."""
    return f"{stamp} >= {moment(low)} AND {stamp} <= {moment(high)}"


def after(keys: Sequence[str], values: Sequence[int]) -> str:
    """The condition of rows that follow the named one in the order of the keys."""
    key, value = keys[0], values[0]
    if len(keys) == 1:
        return f"{key} > {value}"
    return f"({key} > {value} OR ({key} = {value} AND {after(keys[1:], values[1:])}))"


def among(keys: Sequence[str], wanted: Sequence[Sequence[int]]) -> str:
    """The condition of the named rows."""
    if len(keys) == 1:
        return f"{keys[0]} IN ({', '.join(str(values[0]) for values in wanted)})"
    rows = (" AND ".join(f"{key} = {value}" for key, value in zip(keys, values, strict=True)) for values in wanted)
    return " OR ".join(f"({row})" for row in rows)
