"""Defects of revenue recognition: a schedule that a month's run leaves out, and what is right although it looks so."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight, month_later
from sync_assets.sandbox.company.deferral import parts
from sync_assets.sandbox.company.happenings import last_paid, refund_part
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.population import PLACES
from sync_assets.sandbox.company.rates import in_base
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that

_MARK = "revenue.left_out"
_BEFORE_RUN = timedelta(hours=4)
"""Before the end of a month; the run is an hour later."""
_OF_OWN_CURRENCY = tuple(place for place in PLACES if place[0].currency == place[1])


@defect("F83", "journal", "FI MISSTATE at erp->ledger in netsuite", symptoms="F95")
def schedule_left_out(company: Company, rng: Random, window: Window) -> Customer:
    """The run of a month leaves out the seats of one year that was paid in advance, and nobody makes it good."""
    number = sum(_MARK in customer.deviations for customer in company.customers)
    place = _OF_OWN_CURRENCY[number % len(_OF_OWN_CURRENCY)]
    zone = place[0].zone
    month = month_later(day_of(window.latest, zone).replace(day=1), -1 - number // len(_OF_OWN_CURRENCY))
    starts_at = midnight(month_later(month, -2).replace(day=rng.randint(2, 9)), zone)
    life = calm_life(company, rng, window, annual=True, support=True, place=place)
    customer = begin(company, replace(life, starts_at=starts_at))
    customer.deviations[_MARK] = lambda _subject, proceed: proceed()
    run_at = midnight(month_later(month, 1), zone)
    left_out: list[int] = []

    def leave_out() -> None:
        line = customer.invoices[0].lines[0]
        total = in_base(line.net_minor, customer.currency, place[0].currency, customer.invoices[0].rate)
        left_out.append(dict(parts(line, place[0], total))[month])
        company.recognition[place[0].code, month.year, month.month] -= left_out[0]

    def say() -> None:
        seen = record("netsuite", "transaction", company.recognition_runs[place[0].code, month])
        facts = {"money_minor": left_out[0], "since": run_at - timedelta(hours=3), "currency": place[0].currency}
        tell(company, "F83", customer, (seen,), **facts, note=f"left out of the run of {month:%B %Y}")

    company.agenda.at(run_at - _BEFORE_RUN, leave_out)
    company.agenda.at(run_at, say)
    return customer


twins(
    {
        "year_credited": Oddity(
            note="part of a year in advance was given back, and is recognised no more",
            pick=invoice_that(lambda invoice: bool(invoice.issued_notes)),
            wishes={"annual": True},
            happening=refund_part,
            ready=last_paid,
        ),
    }
)
