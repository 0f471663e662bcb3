"""The story of a day: a deal is expanded, billing hears of it late, and the old contract is invoiced and posted.

The customer exists from the history on; on the first day of business its term turns while everybody is late:
sales expands the deal, usage runs on under the old plan, billing gets the amendment an hour before the renewal, the
renewal's invoice is drawn from the stale contract all the same, the ERP posts it, and finance credits it by hand.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP, US
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight, month_later, next_midnight
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.happenings import Amendment, amend
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import Customer, Deviation, Invoice
from sync_assets.sandbox.company.population import Place
from sync_assets.sandbox.company.postings import post_invoice
from sync_assets.sandbox.company.provisioning import provide
from sync_assets.sandbox.company.subscriptions import show
from sync_assets.sandbox.company.usage import plan_event
from sync_assets.sandbox.defects.invoices import make_stale, tell_stale

_PLACES: tuple[Place, ...] = ((US, "USD", "US"), (DE, "EUR", "DE"), (JP, "JPY", "JP"))
_SEATS, _ADDED = 20, 15
_EXPANDED_AFTER = timedelta(hours=1)
_TURN_FROM = timedelta(hours=3)
"""The customer sits where a local midnight comes soonest, but not before the deal can be expanded and be late."""


def plan_story(company: Company, looks_at: datetime) -> Customer:
    """Plan the customer of the story: a monthly one whose term turns within the day after an instant."""
    turns = [(next_midnight(looks_at + _TURN_FROM, place[0].zone), place) for place in _PLACES]
    turn_at, place = min(turns, key=lambda turn: turn[0])
    turns_on = day_of(turn_at, place[0].zone)
    months = next(number for number in range(5, 13) if month_later(month_later(turns_on, -number), number) == turns_on)
    life = Life(
        starts_at=midnight(month_later(turns_on, -months), place[0].zone),
        entity=place[0],
        currency=place[1],
        country=place[2],
        seats=_SEATS,
        metered=True,
        pays_by="transfer",
        discount_percent=10,
    )
    return begin(company, life)


def tell_story(company: Company, customer: Customer) -> None:
    """Let the story happen within the next day, once, if the customer's term turns in it."""
    subscription = customer.subscriptions[0]
    expanded_at = company.now + _EXPANDED_AFTER
    heard_at = subscription.term_end - timedelta(hours=1)
    is_today = expanded_at < heard_at < company.now + timedelta(days=1)
    if not is_today or "billing.amend" in customer.deviations:
        return
    customer.deviations["billing.amend"] = _hear_late(company)
    customer.deviations["billing.draw_up"] = _draw_stale(company, customer, subscription.term_end)
    delay_s = int((heard_at - expanded_at).total_seconds())
    company.agenda.at(expanded_at, lambda: amend(company, subscription, _ADDED, (delay_s, delay_s)))
    rng = Random(f"story/{company.seed}")
    for _ in range(4):
        plan_event(company, subscription, expanded_at + timedelta(seconds=rng.randint(60, delay_s)))


def _hear_late(company: Company) -> Deviation:
    def hear(amendment: Amendment, _proceed: Act) -> None:
        subscription = amendment.subscription
        subscription.items[0].quantity += amendment.added
        show(company, subscription)
        company.later(subscription.customer.rng, (600, 1200), lambda: provide(company, subscription))

    return hear


def _draw_stale(company: Company, customer: Customer, turn_at: datetime) -> Deviation:
    def draw(invoice: Invoice, proceed: Act) -> None:
        proceed()
        if invoice.dated_at < turn_at:
            return
        del customer.deviations["billing.draw_up"]
        make_stale(invoice, _ADDED)
        customer.deviations["billing.invoice"] = issue
        customer.deviations["erp.invoice"] = post_it

    def issue(invoice: Invoice, proceed: Act) -> None:
        del customer.deviations["billing.invoice"]
        proceed()
        tell_stale(company, invoice, _ADDED)

    def post_it(invoice: Invoice, _proceed: Act) -> None:
        del customer.deviations["erp.invoice"]
        post_invoice(company, invoice)
        company.later(customer.rng, (2400, 4800), lambda: _credit_by_hand(company, invoice))

    return draw


def _credit_by_hand(company: Company, invoice: Invoice) -> None:
    """A credit memo in the ERP alone: no credit note of billing stands behind it."""
    customer, line = invoice.customer, invoice.lines[0]
    income = Entry(account=ACCOUNTS["income"], minor=line.net_minor, item=line.product.erp_item, quantity=line.quantity)
    entries = [Entry(account=ACCOUNTS["receivable"], minor=-line.net_minor - line.tax_minor), income]
    if line.tax_minor:
        entries.append(Entry(account=ACCOUNTS["tax"], minor=line.tax_minor, is_tax=True))
    posting = Posting(
        kind="CustCred",
        entity=customer.entity,
        currency=customer.currency,
        on=day_of(company.now, customer.entity.zone),
        rate=invoice.rate,
        customer=customer,
        number=f"CM-{invoice.id}-M",
        memo=f"Invoice {invoice.id}: seats do not match the order, to be billed again",
        entries=[replace(entry) for entry in entries],
    )
    post(company, posting)
