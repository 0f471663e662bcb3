"""A company of any size: a simulated one, read as any is, whose customers the server copies under ids of their own.

So everything is there in the proportions of a business, from deals to ledger lines, and millions take minutes. All
copies agree until `change` parts some of them. Not here: what is measured (reconciling.py).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Table, Text, text

from sync_assets.model.entities import ENTITIES
from sync_assets.store.engine import Store
from sync_assets.store.integrity_tables import customer_link
from sync_assets.store.tables import current, history

BILLING, ERP = "chargebee", "netsuite"

SHARED = frozenset("product price meter ledger_account period legal_entity currency term".split())
"""What a company has once, however many customers it has."""

_SAME = frozenset(
    "account_id book city country currency description event_type feature item_id kind legal_entity memo meter method "
    "origin payment_terms period_id period_unit postcode price_id product_id reason reconciliation region rule run_id "
    "sku source status street system document_kind".split()
)
"""Text that customers have in common; all other text names something of theirs, and is another one's in each copy."""

_COPY = "INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS one, generate_series(1, :copies) AS n"
_CHOOSE = """
    SELECT b.record_id AS billed, e.record_id AS booked FROM canonical.invoice b
    JOIN canonical.invoice e ON e.system = :erp AND e.copy_of = 'billing:' || b.record_id AND e.deleted_at IS NULL
    WHERE b.system = :billing AND b.status = 'paid' AND b.deleted_at IS NULL
    ORDER BY hashtext(b.record_id), b.record_id LIMIT :count OFFSET :skip
"""
_CHANGE = """
    WITH former AS (
        INSERT INTO canonical.invoice_history ({names}, change_id, known_to)
        SELECT {names}, change_id, :at FROM canonical.invoice WHERE system = :system AND record_id = ANY(:ids)
    )
    UPDATE canonical.invoice SET {what}, version_at = :at, observed_at = :at, change_id = nextval('canonical.change')
    WHERE system = :system AND record_id = ANY(:ids)
"""


def fill(connection: Connection, invoices: int) -> None:
    """Copy the customers that are there until billing has about that many invoices; let the planner look at them."""
    count = text("SELECT count(*) FROM canonical.invoice WHERE system = :billing")
    copies = round(invoices / connection.execute(count, {"billing": BILLING}).scalar_one()) - 1
    for table in _tables():
        connection.execute(text(_copied(table)), {"copies": copies})
    connection.execute(text("ANALYZE"))


def choose(connection: Connection, count: int, skip: int) -> list[tuple[str, str]]:
    """Paid invoices from all over the company, after so many others: their ids in billing and in the ERP."""
    found = connection.execute(text(_CHOOSE), {"billing": BILLING, "erp": ERP, "count": count, "skip": skip})
    return [(row.billed, row.booked) for row in found]


def change(connection: Connection, system: str, ids: Sequence[str], what: str, at: datetime) -> None:
    """Let a system say something else of some invoices."""
    names = ", ".join(column.name for column in current["invoice"].columns if column.name != "change_id")
    statement = _CHANGE.format(names=names, what=what)
    connection.execute(text(statement), {"system": system, "ids": list(ids), "at": at})


def quieten(store: Store) -> None:
    """What the server does by itself in the quiet after so many rows, done at once: its work is nobody's change."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _tables() -> Iterator[Table]:
    for name in ENTITIES:
        if name not in SHARED:
            yield from (current[name], history[name])
    yield customer_link


def _copied(table: Table) -> str:
    """The statement that copies what a table holds, each copy with ids of its own."""
    values = {f'"{column.name}"': _in_copy(column) for column in table.columns}
    return _COPY.format(
        table=f'{table.schema}."{table.name}"', names=", ".join(values), values=", ".join(values.values())
    )


def _in_copy(column: Column[object]) -> str:
    if column.name == "change_id":
        return "nextval('canonical.change')"
    is_own = isinstance(column.type, Text) and column.name not in _SAME
    return f"one.\"{column.name}\" || '~' || n" if is_own else f'one."{column.name}"'
