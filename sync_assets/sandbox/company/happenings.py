"""Things that happen to customers in the course of business; each takes place now, or shortly after.

A happening that finds no fitting subscription or invoice does nothing: business goes on.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sync_assets.sandbox.company import contracts
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import bill_anew, credit, refund
from sync_assets.sandbox.company.days import term_edge
from sync_assets.sandbox.company.disputes import dispute
from sync_assets.sandbox.company.invoices import issue, show, void
from sync_assets.sandbox.company.invoicing import advance_lines, draw_up
from sync_assets.sandbox.company.lives import Happening, sell
from sync_assets.sandbox.company.nouns import Customer, Deal, DealLine, Invoice, Subscription
from sync_assets.sandbox.company.terms import change, give_notice

_QUIET = timedelta(hours=9)
"""No change of a subscription so close to a turn of its term."""


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """More (or less) of a deal's first line, from an instant on."""

    deal: Deal
    subscription: Subscription
    line: DealLine
    added: int
    agreed_at: datetime


def expand(added: int) -> Happening:
    """Seats are added in mid-term: first in the CRM, minutes later in billing, at once where there is no deal."""

    def happen(company: Company, customer: Customer) -> None:
        subscription = active_subscription(customer)
        if subscription is None:
            return
        until_turn = subscription.term_end - company.now
        if until_turn < _QUIET or company.now - subscription.term_start < _QUIET:
            company.agenda.at(company.now + 2 * _QUIET, lambda: happen(company, customer))
            return
        if subscription.deal is None:
            change(company, subscription, subscription.items[0], added)
            return
        amend(company, subscription, added)

    return happen


def amend(company: Company, subscription: Subscription, added: int, delay_s: tuple[int, int] = (180, 1080)) -> None:
    """Amend the deal of a subscription now; billing follows after the delay."""
    deal = subscription.deal
    if deal is None:
        return
    line = deal.lines[0]
    contracts.amend(company, deal, line, added, company.now)
    customer = subscription.customer
    amendment = Amendment(deal=deal, subscription=subscription, line=line, added=added, agreed_at=company.now)

    def follow() -> None:
        change(company, subscription, subscription.items[0], added)

    company.later(customer.rng, delay_s, company.planned("billing.amend", customer, amendment, follow))


def leave(company: Company, customer: Customer) -> None:
    """The customer gives notice to the end of the current term."""
    subscription = active_subscription(customer)
    if subscription is not None:
        give_notice(company, subscription)


def grant_goodwill(company: Company, customer: Customer) -> None:
    """A part of the last paid invoice is credited and used up by the next one."""
    invoice = last_paid(customer)
    if invoice is not None and not invoice.issued_notes:
        credit(company, invoice, percent=20, kind="refundable", reason="Goodwill")


def refund_part(company: Company, customer: Customer) -> None:
    """A part of the last paid invoice is credited and paid back to the card."""
    invoice = last_paid(customer)
    if invoice is not None and not invoice.issued_notes and invoice.payments[-1].charge_id:
        note = credit(company, invoice, percent=25, kind="refundable", reason="Service Unsatisfactory")
        refund(company, invoice.payments[-1], note)


def adjust(company: Company, customer: Customer) -> None:
    """A part of an open invoice is credited before it is paid."""
    invoice = last_open(customer)
    if invoice is not None and not invoice.adjustment_notes:
        credit(company, invoice, percent=15, kind="adjustment", reason="Service Unsatisfactory")


def correct(company: Company, customer: Customer) -> None:
    """An open invoice is credited in full and billed anew."""
    invoice = last_open(customer)
    if invoice is not None and not invoice.adjustment_notes:
        bill_anew(company, invoice)


def void_and_replace(company: Company, customer: Customer) -> None:
    """An open invoice is voided and issued again under a new number."""
    invoice = last_open(customer)
    if invoice is not None:
        replace_invoice(company, invoice)


def replace_invoice(company: Company, invoice: Invoice) -> Invoice:
    """Void one open invoice and issue its lines again; returns the new one."""
    void(company, invoice)
    again = draw_up(company, invoice.subscription, invoice.dated_at)
    again.lines = [replace(line, id=f"li_{company.number('line'):07d}") for line in invoice.lines]
    company.later(invoice.customer.rng, (300, 900), lambda: issue(company, again))
    return again


def discard_draft(company: Company, customer: Customer) -> None:
    """Somebody draws up an invoice by mistake and deletes the draft within the hour."""
    subscription = active_subscription(customer)
    if subscription is None:
        return
    draft = draw_up(company, subscription, company.now)
    draft.lines = advance_lines(company, subscription, subscription.items)
    show(company, draft)
    customer.discarded.append(draft.id)
    company.later(customer.rng, (600, 3000), lambda: company.systems.billing.delete("invoices", draft.id))


def charge_back(company: Company, customer: Customer) -> None:
    """The cardholder disputes the last payment."""
    invoice = last_paid(customer)
    if invoice is not None and invoice.payments[-1].charge_id and not invoice.issued_notes:
        dispute(company, invoice.payments[-1])


def decline_next(times: int) -> Happening:
    """The next charges fail before one succeeds."""

    def happen(_company: Company, customer: Customer) -> None:
        customer.declines += times

    return happen


def renew_by_deal(company: Company, customer: Customer) -> None:
    """A renewal under a new deal: the old subscription ends on the day the new one starts."""
    old = active_subscription(customer)
    if old is None or old.deal is None:
        return
    give_notice(company, old)
    lines = [
        DealLine(product=line.product, quantity=line.quantity, unit_minor=line.net_minor) for line in old.deal.lines
    ]
    deal = Deal(customer=customer, lines=lines, starts_at=old.term_end, kind="Existing Customer - Renewal")
    _sell_within(company, deal)


def buy_more(company: Company, customer: Customer) -> None:
    """A second contract of the same customer, for another department, beside the first."""
    first = active_subscription(customer)
    if first is None or first.deal is None:
        return
    line = first.deal.lines[0]
    lines = [DealLine(product=line.product, quantity=4, unit_minor=line.product.prices[customer.currency])]
    starts_at = term_edge(first.term_start, 1, customer.entity.zone)
    while starts_at < company.now + timedelta(days=3):
        starts_at = term_edge(starts_at, 1, customer.entity.zone)
    _sell_within(company, Deal(customer=customer, lines=lines, starts_at=starts_at, kind="Existing Customer - New"))


def active_subscription(customer: Customer) -> Subscription | None:
    """The newest active subscription of a customer."""
    return next((each for each in reversed(customer.subscriptions) if each.status == "active"), None)


def last_paid(customer: Customer) -> Invoice | None:
    """The newest invoice that money has paid."""
    return next((each for each in reversed(customer.invoices) if each.status == "paid" and each.payments), None)


def last_open(customer: Customer) -> Invoice | None:
    """The newest invoice that is still to be paid and already booked by the ERP."""
    found = (each for each in reversed(customer.invoices) if each.status in ("posted", "payment_due"))
    return next((each for each in found if each.erp_id and not each.payments), None)


def _sell_within(company: Company, deal: Deal) -> None:
    rng = deal.customer.rng
    opens_at = company.now + timedelta(minutes=rng.randint(5, 60))
    room = deal.starts_at - opens_at
    sell(company, deal, opens_at=opens_at, wins_at=opens_at + room * rng.randint(20, 80) / 100)
