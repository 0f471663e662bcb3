"""Defects of invoices that somebody writes in the ERP by hand, past billing."""

from random import Random

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.happenings import active_subscription, last_paid
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.rates import exchange_rate, major
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell


@defect("F52", "invoice", "FI CONTROL at billing->erp in netsuite", symptoms="F80 F88")
def written_by_hand(company: Company, rng: Random, window: Window) -> Customer:
    """Accounting invoices some seats in the ERP itself, under the ERP's own number."""
    customer = begin(company, calm_life(company, rng, window))
    seats = rng.randint(1, 5)

    def attempt() -> None:
        subscription, booked = active_subscription(customer), last_paid(customer)
        if subscription is None or booked is None or not booked.erp_id:
            company.later(rng, (14_400, 28_800), attempt)
            return
        item = subscription.items[0]
        minor = seats * item.unit_minor
        written = write(
            company,
            customer,
            Entry(account=ACCOUNTS["income"], minor=-minor, item=item.product.erp_item, quantity=-seats),
        )
        note = f"{seats} seats invoiced past billing"
        tell(company, "F52", customer, (record("netsuite", "transaction", written),), money_minor=minor, note=note)

    company.agenda.at(window.draw(rng), attempt)
    return customer


def write(company: Company, customer: Customer, sold: Entry) -> int:
    """An invoice that is made in the ERP alone, under the ERP's own number; returns its id."""
    entity = customer.booked_by
    on = day_of(company.now, entity.zone)
    posting = Posting(
        kind="CustInvc",
        entity=entity,
        currency=customer.currency,
        on=on,
        rate=exchange_rate(customer.currency, entity.currency, on),
        customer=customer,
        number=f"INV{company.number('erp_invoice'):06d}",
        entries=[Entry(account=ACCOUNTS["receivable"], minor=-sold.minor), sold],
        extra={"status": "A", "foreignamountunpaid": major(-sold.minor, customer.currency)},
    )
    return post(company, posting)
