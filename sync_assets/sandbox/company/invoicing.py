"""What billing charges for: terms in advance, usage in arrears, mid-term changes pro rata, with discount and tax.

Belongs here: lines and their arithmetic, and when an invoice is drawn up. How it lives on stands in `invoices`.
"""

from datetime import datetime
from fractions import Fraction

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, half_up, unix
from sync_assets.sandbox.company.invoices import issue, show
from sync_assets.sandbox.company.nouns import Invoice, Item, Line, Subscription
from sync_assets.sandbox.company.rates import exchange_rate, tax_of
from sync_assets.sandbox.company.usage import push_usage

Span = tuple[datetime, datetime]

USAGE_GRACE_S = 6 * 3600
"""Seconds after a period in which its usage may still arrive; then it is billed."""


def bill_term(
    company: Company, subscription: Subscription, *, arrears: Span | None = None, is_first: bool = False
) -> None:
    """Invoice the term that begins now, and the usage of the one that ended once it is complete."""
    invoice = draw_up(company, subscription, subscription.term_start)
    invoice.is_first = is_first

    def fill() -> None:
        invoice.lines = advance_lines(company, subscription, subscription.items)

    company.step("billing.draw_up", subscription.customer, invoice, fill)
    rng = subscription.customer.rng
    if arrears is None or subscription.metered_item is None:
        company.later(rng, (60, 900), lambda: issue(company, invoice))
    else:
        _await_usage(company, invoice, arrears)


def bill_usage(company: Company, subscription: Subscription, over: Span) -> None:
    """The last invoice of a metered subscription that ended: its usage alone."""
    _await_usage(company, draw_up(company, subscription, over[1]), over)


def bill_change(company: Company, subscription: Subscription, item: Item, added: int) -> None:
    """Invoice what was added to an item for the rest of its term."""
    now = company.now
    share = Fraction(
        unix(subscription.term_end) - unix(now), unix(subscription.term_end) - unix(subscription.term_start)
    )
    amount = half_up(added * item.unit_minor * share)
    if amount <= 0:
        return
    invoice = draw_up(company, subscription, now)
    unit = half_up(Fraction(amount, added))
    line = new_line(company, item, (now, subscription.term_end), added, unit)
    line.amount_minor = amount
    invoice.lines = [taxed(line, subscription)]
    company.later(subscription.customer.rng, (5, 30), lambda: issue(company, invoice))


def draw_up(company: Company, subscription: Subscription, dated_at: datetime) -> Invoice:
    """A new invoice without lines."""
    customer = subscription.customer
    entity = customer.entity
    on = day_of(dated_at, entity.zone)
    return Invoice(
        id=str(company.number("invoice")),
        customer=customer,
        subscription=subscription,
        lines=[],
        dated_at=dated_at,
        on=on,
        rate=exchange_rate(customer.currency, customer.booked_by.currency, on),
    )


def advance_lines(company: Company, subscription: Subscription, items: list[Item]) -> list[Line]:
    """One line per item that is paid in advance, for the current term."""
    span = (subscription.term_start, subscription.term_end)
    lines = [
        new_line(company, item, span, item.quantity, item.unit_minor) for item in items if not item.product.metered
    ]
    return [discounted(line, subscription) for line in lines]


def new_line(company: Company, item: Item, span: Span, quantity: int, unit_minor: int) -> Line:
    """A line without discount and tax."""
    return Line(
        id=f"li_{company.number('line'):07d}",
        product=item.product,
        starts_at=span[0],
        ends_at=span[1],
        quantity=quantity,
        unit_minor=unit_minor,
        amount_minor=quantity * unit_minor,
    )


def discounted(line: Line, subscription: Subscription) -> Line:
    """The line with the subscription's coupon and the tax on what is left."""
    if subscription.coupon_terms > 0:
        line.discount_minor = half_up(Fraction(line.amount_minor * subscription.coupon_percent, 100))
    return taxed(line, subscription)


def taxed(line: Line, subscription: Subscription) -> Line:
    """The line with the customer's tax, rounded per line."""
    line.tax_percent = subscription.customer.tax_percent
    line.tax_minor = tax_of(line.net_minor, line.tax_percent)
    return line


def _await_usage(company: Company, invoice: Invoice, over: Span) -> None:
    show(company, invoice)
    rng = invoice.customer.rng
    grace = (USAGE_GRACE_S, USAGE_GRACE_S + 600)
    company.later(rng, grace, lambda: _close(company, invoice, over))


def _close(company: Company, invoice: Invoice, over: Span) -> None:
    subscription = invoice.subscription
    item = subscription.metered_item
    if item is not None:
        units, usage_id = push_usage(company, subscription, item, over)
        if units:
            line = taxed(new_line(company, item, over, units, item.unit_minor), subscription)
            invoice.lines.append(line)
            mark = {"id": usage_id, "invoice_id": invoice.id, "line_item_id": line.id}
            company.systems.billing.put("usages", mark)
    if invoice.lines:
        issue(company, invoice)
    else:
        company.systems.billing.delete("invoices", invoice.id)
