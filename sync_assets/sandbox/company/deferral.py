"""Revenue of years paid in advance: what of a document belongs to which month, in equal parts from the month it begins.

A part of a month whose run is over already is caught up by the next one; what is credited or voided is taken back so.
"""

from datetime import date
from decimal import Decimal

from sync_assets.sandbox.company.catalogue import LegalEntity
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, month_later
from sync_assets.sandbox.company.nouns import Document, Line
from sync_assets.sandbox.company.rates import in_base


def defer(company: Company, document: Document, *, rate: Decimal, sign: int = 1) -> None:
    """Plan the recognition of a document that is booked now at a rate, or take it back with the sign -1."""
    entity = document.customer.booked_by
    first_open = _first_open(company, entity)
    for line in document.lines:
        if line.product.months == 12:
            total = in_base(line.net_minor, document.customer.currency, entity.currency, rate)
            for month, part in parts(line, entity, total):
                due = max(month, first_open)
                company.recognition[entity.code, due.year, due.month] += sign * part


def parts(line: Line, entity: LegalEntity, total: int) -> list[tuple[date, int]]:
    """The months of a line and what belongs to each; the last has the rest, e.g. 100 over three: 33, 33, 34."""
    start, end = day_of(line.starts_at, entity.zone), day_of(line.ends_at, entity.zone)
    months = max((end.year - start.year) * 12 + end.month - start.month, 1)
    shares = [total // months] * (months - 1)
    return [
        (month_later(start.replace(day=1), number), part) for number, part in enumerate([*shares, total - sum(shares)])
    ]


def _first_open(company: Company, entity: LegalEntity) -> date:
    """The first month whose run is still to come."""
    over = company.recognised_through.get(entity.code)
    return date.min if over is None else month_later(over, 1)
