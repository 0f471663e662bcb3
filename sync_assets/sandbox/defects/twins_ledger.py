"""Twins of the ledger's classes: postings that look repeated, late, misplaced or made by hand, and are right."""

from datetime import datetime, timedelta
from random import Random

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.founding import period_id
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.company.rates import exchange_rate
from sync_assets.sandbox.defects.registry import Window, calm_life, on_day, once, record
from sync_assets.sandbox.defects.twins import TWINS, Oddity, spare, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that

_CLOSES_AFTER = timedelta(days=5, hours=8)
"""After the month's first instant; by then the ERP has closed the month before."""

_LATE = 17
"""From this day of the month on an invoice waits for the close, and is posted before it is paid."""


def _posted_anew(company: Company, rng: Random, window: Window) -> Customer:
    """An invoice is deleted in the ERP and posted again: two documents were, one is."""
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))

    def post_then_repost(invoice: Invoice, proceed: Act) -> None:
        proceed()

        def repost() -> None:
            company.systems.erp.delete("transaction", str(invoice.erp_id))
            proceed()
            _spare(company, "posted_anew", invoice, "deleted in the ERP and posted again")

        company.later(rng, (1200, 7200), repost)

    customer.deviations["erp.invoice"] = once(company, window.earliest, post_then_repost)
    return customer


def _after_the_close(company: Company, rng: Random, window: Window) -> Customer:
    """An invoice is held until its month is closed, so it is posted in the next one, with its own day."""
    life = calm_life(company, rng, window, pays_by="transfer", place=(DE, "EUR", "DE"))
    customer = begin(company, on_day(company, life, rng.randint(20, 25)))

    def hold(invoice: Invoice, proceed: Act) -> None:
        def late() -> None:
            proceed()
            period = period_id(company.now.date())
            company.systems.erp.put("transaction", {"id": invoice.erp_id, "postingperiod": period})
            _spare(company, "after_the_close", invoice, "its own period was closed when it was posted")

        company.agenda.at(_next_month(company.now) + _CLOSES_AFTER, late)

    def is_late_in_month(invoice: Invoice) -> bool:
        return bool(invoice.total_minor) and company.now.day >= _LATE

    customer.deviations["erp.invoice"] = once(company, window.earliest, hold, suits=is_late_in_month)
    return customer


def _reclassified(company: Company, rng: Random, window: Window) -> Customer:
    """A journal moves a cost from one expense account to another; no subledger controls either."""
    customer = begin(company, calm_life(company, rng, window))

    def reclassify(invoice: Invoice, proceed: Act) -> None:
        proceed()
        amount = 100 + rng.randrange(900)
        on = day_of(company.now, customer.entity.zone)
        posting = Posting(
            kind="Journal",
            entity=customer.entity,
            currency=customer.currency,
            on=on,
            rate=exchange_rate(customer.currency, customer.entity.currency, on),
            entries=[Entry(account=ACCOUNTS["fees"], minor=amount), Entry(account=ACCOUNTS["losses"], minor=-amount)],
            number=f"JE{company.number('journal'):06d}",
            memo=f"Costs of invoice {invoice.id}",
            extra={"status": "B"},
        )
        seen = record("netsuite", "transaction", post(company, posting))
        spare(company, "reclassified", customer, ("journal", seen), note="a journal between two expense accounts")

    customer.deviations["erp.invoice"] = once(company, window.earliest, reclassify)
    return customer


def _deferred(company: Company, rng: Random, window: Window) -> Customer:
    """A year paid in advance is posted to deferred revenue, not to the item's income account."""
    customer = begin(company, calm_life(company, rng, window, annual=True))

    def post_it(invoice: Invoice, proceed: Act) -> None:
        proceed()
        _spare(company, "deferred_year", invoice, "a year in advance stands on deferred revenue")

    customer.deviations["erp.invoice"] = once(company, company.opens_at, post_it)
    return customer


def _next_month(now: datetime) -> datetime:
    return (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)


def _spare(company: Company, kind: str, invoice: Invoice, note: str) -> None:
    seen: Record = record("chargebee", "invoices", invoice.id)
    spare(company, kind, invoice.customer, ("invoice", seen), note=note)


TWINS.update(
    posted_anew=_posted_anew,
    after_the_close=_after_the_close,
    reclassified=_reclassified,
    deferred_year=_deferred,
)

twins(
    {
        "rate_moved": Oddity(
            note="received at another rate than invoiced, and the difference is booked",
            pick=invoice_that(lambda invoice: any(each.paid_at.month != invoice.on.month for each in invoice.payments)),
            wishes={"pays_by": "transfer", "place": (DE, "GBP", "GB")},
        ),
        "whole_yen": Oddity(
            note="an amount without decimals in every system",
            pick=invoice_that(lambda invoice: invoice.status == "paid"),
            wishes={"place": (JP, "JPY", "JP")},
        ),
    }
)
