"""The shape of a parsed query: what SOQL can say, as frozen data that reader and evaluator share."""

from dataclasses import dataclass
from typing import TypeAlias

Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Literal:
    """A value in a query: its kind (string, number, boolean, null, date, datetime, span) and its text as written."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Test:
    """`path operator value`, or a list of values after IN and NOT IN."""

    path: Path
    operator: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, kw_only=True)
class Both:
    """Conditions joined by AND, or by OR when `any_of`."""

    parts: tuple["Condition", ...]
    any_of: bool


@dataclass(frozen=True, kw_only=True)
class Not:
    """A condition turned round."""

    part: "Condition"


Condition: TypeAlias = Test | Both | Not


@dataclass(frozen=True, kw_only=True)
class Ordering:
    """One column of ORDER BY. Nulls come first unless the query says otherwise."""

    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """`COUNT()`, or a function of one column under a name of its own."""

    function: str
    path: Path
    alias: str


@dataclass(frozen=True, kw_only=True)
class Query:
    """One parsed query; `every` is all, standard or custom where FIELDS() stands for the columns."""

    columns: tuple[Path, ...]
    every: str = ""
    aggregates: tuple[Aggregate, ...]
    entity: str
    alias: str = ""
    where: Condition | None = None
    order: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
