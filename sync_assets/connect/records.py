"""Records of a stream decoded to just the fields that its mappings declare; everything else is skipped unread.

The decoder is built from the declared paths: objects become slotted structs, declared leaves plain Python values.
Not here: what types the leaves must have (columns.py).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from sync_assets.connect.decode import decode
from sync_assets.connect.kinds import dig
from sync_assets.connect.spec import Column, Mapped

Values = Callable[[list[Any]], list[Any]]
"""The values at one path of many records."""


@dataclass(kw_only=True)
class _Node:
    """One place in a record. A leaf is kept as it is; anything else has declared fields or declared elements."""

    is_leaf: bool = False
    fields: "dict[str, _Node]" = field(default_factory=dict)
    element: "_Node | None" = None
    struct: type[msgspec.Struct] | None = None

    def below(self, steps: Iterable[str]) -> "_Node":
        """The place at the end of a path, made if need be."""
        node = self
        for step in steps:
            node = node.fields.setdefault(step, _Node())
        return node

    def settle(self) -> Any:
        """The type to decode this place to; a place declared in two ways is kept as it is."""
        if self.is_leaf or (self.element and self.fields) or not (self.element or self.fields):
            self.fields, self.element = {}, None
            return Any
        if self.element:
            return list[self.element.settle() | None] | None  # type: ignore[misc]
        members = [(f"f{at}", node.settle(), None) for at, node in enumerate(self.fields.values())]
        names = {f"f{at}": name for at, name in enumerate(self.fields)}
        self.struct = msgspec.defstruct("Declared", members, rename=names, gc=False)
        return self.struct | None

    def fit(self, value: Any) -> Any:
        """A value decoded without types, as far as it has the declared form."""
        if self.element:
            return [self.element.fit(one) for one in value] if isinstance(value, list) else None
        if self.struct is None:
            return value
        if not isinstance(value, dict):
            return None
        return self.struct(*[node.fit(value.get(name)) for name, node in self.fields.items()])

    def at(self, steps: Sequence[str]) -> Values:
        """How to get the values at a path from here."""
        if not steps:
            return list
        if self.struct is None:
            return lambda values: [dig(value, steps) for value in values]
        first = attrgetter(f"f{list(self.fields).index(steps[0])}")
        rest = self.fields[steps[0]].at(steps[1:])
        return lambda values: rest([None if value is None else first(value) for value in values])


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What one mapping reads: one row per record or element, the position of the record of each, and its values."""

    owners: list[int]
    values: Callable[[Column], list[Any]]


class Reader:
    """Reads the records of one stream for its mappings."""

    def __init__(self, mappings: Sequence[Mapped]) -> None:
        self._root = _Node()
        for mapped in mappings:
            element = self._root
            if mapped.each is not None:
                owner = self._root.below(mapped.each.split("."))
                element = owner.element = owner.element or _Node()
            for column in mapped.columns:
                start = self._root if column.path.startswith("/") else element
                start.below(column.path.lstrip("/").split(".")).is_leaf = True
        self._root.settle()
        self._decoder = msgspec.json.Decoder(self._root.struct or Any, float_hook=Decimal)

    def read(self, raw: bytes | memoryview) -> Any:
        """One record, as `rows` takes it; RejectError with the reason when it cannot be decoded."""
        try:
            return self._decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._root.fit(decode(bytes(raw)))

    def rows(self, mapped: Mapped, records: list[Any]) -> Rows:
        """The rows of one mapping: each record, or each element of its list in each record."""
        if mapped.each is None:
            return Rows(owners=list(range(len(records))), values=lambda column: self._values(records, column))
        steps = mapped.each.split(".")
        lists = self._root.at(steps)(records)
        pairs = [(at, one) for at, some in enumerate(lists) if isinstance(some, list) for one in some]
        owners, elements = [at for at, _ in pairs], [one for _, one in pairs]
        element = self._element(steps)

        def values(column: Column) -> list[Any]:
            if column.path.startswith("/"):
                once = self._values(records, column)
                return [once[at] for at in owners]
            return element.at(column.path.split("."))(elements)

        return Rows(owners=owners, values=values)

    def _values(self, records: list[Any], column: Column) -> list[Any]:
        return self._root.at(column.path.lstrip("/").split("."))(records)

    def _element(self, steps: Sequence[str]) -> _Node:
        """The place of the elements of a list; one without a declared form when the list is kept as it is."""
        node = self._root
        for step in steps:
            node = node.fields.get(step, _Node())
        return node.element or _Node()
