"""What a SuiteQL table is: columns with their kinds, a key, the columns worth an index.

Belongs here: the words to describe a table with. The tables themselves are in `documents` and `masters`.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Kind(Enum):
    """What a column or an expression holds. Days and moments are both Oracle DATEs; only expressions are zoned."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    BOOLEAN = "boolean"
    DAY = "day"
    MOMENT = "moment"
    ZONED = "zoned"

    @property
    def is_date(self) -> bool:
        """True for what compares as a date."""
        return self in (Kind.DAY, Kind.MOMENT, Kind.ZONED)

    @property
    def is_number(self) -> bool:
        """True for what Oracle calls a NUMBER."""
        return self in (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One SuiteQL table: its row key, its columns in order, and the columns worth an index."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, Kind]
    indexes: tuple[tuple[str, ...], ...] = ()
    display: str = ""

    @cached_property
    def stamp(self) -> str:
        """The column NetSuite writes at every change; empty when the table has none."""
        return next((name for name in ("lastmodifieddate", "linelastmodifieddate") if name in self.columns), "")


def table(name: str, key: str, *indexes: str, display: str = "", **kinds: str) -> Table:
    """A table from its columns' names by kind, e.g. `table("term", "id", integer="id", text="name")`."""
    columns = {column: Kind(kind) for kind, names in kinds.items() for column in names.split()}
    wanted = tuple(tuple(index.split()) for index in indexes)
    return Table(name=name, key=tuple(key.split()), columns=columns, indexes=wanted, display=display)
