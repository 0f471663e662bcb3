"""Which column a name means: the sources in sight of an expression, from the innermost query outwards.

Belongs here: scopes and the refusals of unknown names, worded as NetSuite words them.
Source: error bodies that integrators saw live (`Unknown identifier ... Available identifiers are: ...`,
`Invalid search type: ...`, `Field ... for record ... was not found`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.schema import Kind
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED


@dataclass(frozen=True, kw_only=True)
class InSight:
    """One source of a FROM: its columns, its key, which columns are never null, and the table behind it if any."""

    alias: str
    table: str
    columns: dict[str, Kind | None]
    key: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Found:
    """The column a name means."""

    source: InSight
    column: str

    @property
    def sql(self) -> str:
        """The column in the engine's words."""
        return f'"{self.source.alias}"."{self.column}"'

    @property
    def kind(self) -> Kind | None:
        """What it holds."""
        return self.source.columns[self.column]


@dataclass(kw_only=True)
class Scope:
    """The sources one SELECT block sees, and the block around it."""

    outer: Scope | None = None
    sources: dict[str, InSight] = field(default_factory=dict)

    def add(self, source: InSight) -> None:
        """Bring a source into sight; an alias can be used once."""
        if source.alias in self.sources:
            raise bad_query(UNSUPPORTED)
        self.sources[source.alias] = source

    def key(self) -> set[str] | None:
        """The columns, in the engine's words, that tell any two rows apart; None when that is not known."""
        if not all(source.key for source in self.sources.values()):
            return None
        return {f'"{source.alias}"."{column}"' for source in self.sources.values() for column in source.key}

    def find(self, table: str, column: str) -> Found:
        """What `table.column` (or `column` alone) means here.

        Raises:
            RefusedError: nothing in sight has that name, or more than one source has it.
        """
        scope: Scope | None = self
        while scope is not None:
            found = scope.find_here(table, column)
            if found is not None:
                return found
            scope = scope.outer
        raise self._unknown(table or column)

    def find_here(self, table: str, column: str) -> Found | None:
        """The same, in this block alone; None when nothing here has the name."""
        if table:
            source = self.sources.get(table)
            if source is None:
                return None
            if column not in source.columns:
                reason = "Reason: REMOVED - Field is removed"
                record = source.table or source.alias
                raise bad_query(
                    f"Search error occurred: Field '{column}' for record '{record}' was not found. {reason}"
                )
            return Found(source=source, column=column)
        having = [source for source in self.sources.values() if column in source.columns]
        if len(having) > 1:
            raise bad_query(UNSUPPORTED)
        return Found(source=having[0], column=column) if having else None

    def _unknown(self, name: str) -> Exception:
        known = ", ".join(f"{alias}={source.table or alias}" for alias, source in self.sources.items())
        return bad_query(f"Search error occurred: Unknown identifier '{name}'. Available identifiers are: {{{known}}}.")
