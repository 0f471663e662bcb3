"""A company of any size written straight into the canonical tables: each invoice and its payment in three systems.

Made by the server itself, so that millions of copies take a minute. All copies agree until `change` parts some of
them. Not here: what is measured (reconciling.py).
"""

import re

from sqlalchemy import Connection, text

from sync_assets.store.tables import current

BILLING, ERP, PAYMENTS = "chargebee", "netsuite", "stripe"

_AT = "timestamptz '2026-01-01 00:00:00+00' + make_interval(mins => n % 200000)"
_COPY = f"{_AT} AS version_at, {_AT} AS observed_at, 'r' || n AS from_record_id, n AS version_id, 'fill' AS run_id"
_DOCUMENT = (
    f"'cus_' || n % :customers AS customer_id, 'paid' AS status, false AS is_void, true AS is_posted, {_AT} AS "
    f"issued_at, ({_AT})::date AS issued_on, {_AT} AS finalised_at, 'EUR' AS currency, 23800 AS total_minor, "
    "3800 AS tax_minor, 23800 AS paid_minor, 0 AS due_minor"
)
_MONEY = (
    f"'cus_' || n % :customers AS customer_id, 'charge' AS kind, 'succeeded' AS status, 23800 AS amount_minor, "
    f"'EUR' AS currency, {_AT} AS settled_at, {_AT} AS created_at, ({_AT})::date AS settled_on, true AS is_posted"
)
_ALLOCATED = (
    f"'pay_' || n AS payment_id, 'inv_' || n AS document_id, 'invoice' AS document_kind, 23800 AS amount_minor, "
    f"'EUR' AS currency, 'applied' AS status, {_AT} AS applied_at"
)
_POSTED = (
    "'{document}' || n AS document_id, 'primary' AS book, 'EUR' AS currency, true AS is_posting, "
    "23800 AS {side}_minor, 0 AS {other}_minor"
)
_NAMED_BY_ERP = "'billing:inv_' || n AS copy_of, "
_COPIES: tuple[tuple[str, str, str, str], ...] = (
    ("invoice", BILLING, "inv_", _DOCUMENT),
    ("invoice", ERP, "inv_", _NAMED_BY_ERP + _DOCUMENT),
    ("payment", PAYMENTS, "pi_", "'inv_' || n AS invoice_id, 'pi_' || n AS intent_id, " + _MONEY),
    ("payment", BILLING, "pay_", "'payments:pi_' || n AS copy_of, 'pi_' || n AS processor_reference, " + _MONEY),
    ("payment", ERP, "pay_", "'billing:pay_' || n AS copy_of, 'pi_' || n AS processor_reference, " + _MONEY),
    ("allocation", BILLING, "all_", _ALLOCATED),
    ("allocation", ERP, "all_", _ALLOCATED),
    *(
        ("posting", ERP, f"{side}_{document}", _POSTED.format(document=document, side=side, other=other))
        for document in ("inv_", "pay_")
        for side, other in (("debit", "credit"), ("credit", "debit"))
    ),
)
"""Entity, system, how its ids begin, and the fields of copy number n."""

_WRITE = """
    INSERT INTO canonical."{entity}" ({names}, change_id)
    SELECT {names}, nextval('canonical.change') FROM (
        SELECT '{system}' AS system, '{prefix}' || n AS record_id, {copy}, {fields}
        FROM generate_series(1, :invoices) AS n
    ) made
"""
_PART = """
    WITH former AS (
        INSERT INTO canonical.invoice_history ({names}, change_id, known_to)
        SELECT {names}, change_id, :at FROM canonical.invoice WHERE system = :system AND record_id = ANY(:ids)
    )
    UPDATE canonical.invoice SET tax_minor = tax_minor + 100, version_at = :at,
        observed_at = :at, change_id = nextval('canonical.change')
    WHERE system = :system AND record_id = ANY(:ids)
"""


def fill(connection: Connection, invoices: int) -> None:
    """Write every copy of that many paid invoices and let the planner look at them."""
    sizes = {"invoices": invoices, "customers": max(invoices // 20, 1)}
    for entity, system, prefix, fields in _COPIES:
        names = ", ".join(["system", "record_id", *re.findall(r" AS (\w+)", f"{_COPY}, {fields}")])
        statement = _WRITE.format(entity=entity, names=names, system=system, prefix=prefix, copy=_COPY, fields=fields)
        connection.execute(text(statement), sizes)
    for table in current:
        connection.execute(text(f'ANALYZE canonical."{table}"'))


def change(connection: Connection, system: str, numbers: range) -> None:
    """Let a system correct the tax of some invoices, long enough ago for every copy to have followed."""
    names = ", ".join(column.name for column in current["invoice"].columns if column.name != "change_id")
    ids = [f"inv_{number}" for number in numbers]
    at = "2026-06-01T00:00:00+00:00"
    connection.execute(text(_PART.format(names=names)), {"system": system, "ids": ids, "at": at})
