"""Says a SuiteQL query in the storage engine's SQL: sources, set operators, order, row limits.

Belongs here: everything around blocks. Oracle's ROWNUM limits a block before it is ordered; FETCH limits it after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sync_assets.sandbox.vendors.netsuite.errors import bad_query
from sync_assets.sandbox.vendors.netsuite.schema import Kind, Table
from sync_assets.sandbox.vendors.netsuite.suiteql import tree
from sync_assets.sandbox.vendors.netsuite.suiteql.blocks import Block, Column, said_block
from sync_assets.sandbox.vendors.netsuite.suiteql.function_rules import FULL_MODEL
from sync_assets.sandbox.vendors.netsuite.suiteql.names import InSight, Scope
from sync_assets.sandbox.vendors.netsuite.suiteql.outer_joins import as_left_joins
from sync_assets.sandbox.vendors.netsuite.suiteql.pieces import Facts, Piece, select
from sync_assets.sandbox.vendors.netsuite.suiteql.words import UNSUPPORTED
from sync_assets.sandbox.vendors.netsuite.suiteql.writer import Writer

_DUAL = InSight(alias="dual", table="dual", columns={"dummy": Kind.TEXT})
_DUAL_ROW = "(SELECT 'X' AS dummy)"
_OPENING = ("RIGHT JOIN", "FULL JOIN")
_FULL = tree.Text(value=FULL_MODEL)


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A query ready to run: its rows without order, its order, and the row limits it asked for itself."""

    core: str
    order: str
    columns: tuple[Column, ...]
    offset: int = 0
    fetch: int | None = None

    @property
    def nested(self) -> str:
        """The query inside another; LIMIT -1 keeps the engine from forgetting an order that ROWNUM outside needs."""
        if not self.order and self.fetch is None and not self.offset:
            return self.core
        return f"{self.core}{self.order} LIMIT {-1 if self.fetch is None else self.fetch} OFFSET {self.offset}"


@dataclass(kw_only=True)
class QueryWriter:
    """Says queries over the tables this account shows; `ties` leaves rows without a total order in random order."""

    table: Callable[[str], Table | None]
    facts: Facts
    ties: bool
    hidden_columns: frozenset[str] = frozenset()
    hidden_tables: frozenset[str] = frozenset()
    _named: dict[str, tuple[Column, ...]] = field(default_factory=dict)

    def compile(self, query: tree.Query) -> Compiled:
        """The query, ready to be paged.

        Raises:
            RefusedError: names or constructs SuiteQL does not have.
        """
        compiled = self._compile(query, None)
        if self.ties and not compiled.order:
            compiled = replace(compiled, core=select("*", f"({compiled.core})"), order=" ORDER BY ns_tie()")
        return compiled

    def nested(self, query: tree.Query, scope: Scope | None) -> tuple[str, list[Kind | None]]:
        """A query inside another one, and the kinds of its columns."""
        compiled = self._compile(query, scope)
        return compiled.nested, [column.kind for column in compiled.columns]

    def _compile(self, query: tree.Query, outer: Scope | None) -> Compiled:
        prefix = self._with(query)
        blocks = [self._block(block, outer) for block in query.blocks]
        core, order = self._single(blocks[0], query.order) if len(blocks) == 1 else self._compound(blocks, query)
        top = query.blocks[0].top
        fetch = query.fetch if top is None else top
        columns = blocks[0].columns
        return Compiled(core=prefix + core, order=order, columns=columns, offset=query.offset or 0, fetch=fetch)

    def _with(self, query: tree.Query) -> str:
        parts = []
        for name, inner in query.named:
            compiled = self._compile(inner, None)
            self._named[name] = compiled.columns
            parts.append(f'"{name}" AS ({compiled.nested})')
        return f"WITH {', '.join(parts)} " if parts else ""

    def _single(self, block: Block, order: tuple[tree.Order, ...]) -> tuple[str, str]:
        if not order:
            return block.sql(), ""
        terms = [_sort_term(block, term) for term in order]
        if block.rows is None:
            key = None if block.grouped else block.writer.scope.key()
            total = key is not None and key <= {piece.sql for piece in terms}
            return block.sql(), self._order_by(block.writer, order, terms, total=total)
        names = ", ".join(f'"{column.name}"' for column in block.columns)
        core = select(names, f"({block.sql([piece.sql for piece in terms])})")
        hidden = [Piece(sql=f'"o{at}"', kind=piece.kind) for at, piece in enumerate(terms)]
        return core, self._order_by(block.writer, order, hidden)

    def _compound(self, blocks: list[Block], query: tree.Query) -> tuple[str, str]:
        if len({len(block.outputs) for block in blocks}) != 1:
            raise bad_query(UNSUPPORTED)
        parts = [select("*", f"({blocks[0].sql()})")]
        for operator, block in zip(query.operators, blocks[1:], strict=True):
            parts += [operator, select("*", f"({block.sql()})")]
        kinds = {column.name: column.kind for column in blocks[0].columns}
        terms = []
        for term in query.order:
            name = _output_name(term.expression, list(kinds))
            if name is None:
                raise bad_query(UNSUPPORTED)
            terms.append(Piece(sql=f'"{name}"', kind=kinds[name]))
        core = select("*", f"({' '.join(parts)})")
        return core, self._order_by(blocks[0].writer, query.order, terms) if terms else ""

    def _order_by(
        self, writer: Writer, order: tuple[tree.Order, ...], terms: list[Piece], *, total: bool = False
    ) -> str:
        sorts = [writer.order(term, piece) for term, piece in zip(order, terms, strict=True)]
        return f" ORDER BY {', '.join([*sorts, *(['ns_tie()'] if self.ties and not total else [])])}"

    def _block(self, given: tree.Select, outer: Scope | None) -> Block:
        block = as_left_joins(given)
        scope = Scope(outer=outer)
        opening = any(source.join in _OPENING for source in block.sources)
        sources = [self._source(source, scope, certain=not opening) for source in block.sources]
        writer = Writer(scope=scope, facts=self.facts, nesting=self)
        return said_block(block, scope, writer, sources)

    def _source(self, source: tree.Source, scope: Scope, *, certain: bool) -> str:
        alias = source.alias or f"q{len(scope.sources)}"
        if source.query is not None:
            compiled = self._compile(source.query, scope.outer)
            scope.add(InSight(alias=alias, table="", columns={c.name: c.kind for c in compiled.columns}))
            return f'({compiled.nested}) AS "{alias}"'
        known = self._known(source.table)
        required = known.required if certain and source.join != "LEFT JOIN" else frozenset()
        scope.add(replace(known, alias=alias, required=required))
        place = _DUAL_ROW if known is _DUAL else f'"{source.table}"'
        return f'{place} AS "{alias}"'

    def _known(self, name: str) -> InSight:
        """The named query or table, or the refusal of a name the account does not show."""
        if name in self._named:
            return InSight(alias=name, table=name, columns={c.name: c.kind for c in self._named[name]})
        if name == "dual":
            return _DUAL
        table = self.table(name)
        if table is None:
            raise bad_query(f"Invalid search type: {name}.")
        if name in self.hidden_tables:
            raise bad_query(f"Search error occurred: Record '{name}' was not found.")
        hidden = self.hidden_columns
        shown = {column: kind for column, kind in table.columns.items() if f"{table.name}.{column}" not in hidden}
        required = frozenset((*table.key, table.stamp))
        return InSight(alias=name, table=name, columns=dict(shown), key=table.key, required=required)


def _sort_term(block: Block, order: tree.Order) -> Piece:
    """What an ORDER BY expression sorts by; a sortable text of a date is sorted as the date, which is faster."""
    name = _output_name(order.expression, [output[0] for output in block.outputs])
    if name is None:
        return block.writer.say(order.expression)
    piece, node = next((piece, node) for output, piece, node in block.outputs if output == name)
    if isinstance(node, tree.Call) and node.name == "TO_CHAR" and node.arguments[1:] == (_FULL,):
        dated = block.writer.say(node.arguments[0])
        return dated if dated.kind is not None and dated.kind.is_date else piece
    return piece


def _output_name(node: tree.Node, names: list[str]) -> str | None:
    """The output column that an ORDER BY expression means: by position or by name; None for anything else."""
    if isinstance(node, tree.Number) and node.value.isdigit():
        if not 1 <= int(node.value) <= len(names):
            raise bad_query(UNSUPPORTED)
        return names[int(node.value) - 1]
    if isinstance(node, tree.Name) and not node.table and node.column in names:
        return node.column
    return None
