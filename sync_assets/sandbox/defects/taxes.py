"""Defects and twins of taxes: the ERP takes another rate out of the same total; goods that are free of tax."""

from dataclasses import replace
from fractions import Fraction
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP, US
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import half_up
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice, Line
from sync_assets.sandbox.company.population import Place
from sync_assets.sandbox.company.postings import post_invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that

_PLACES: tuple[tuple[Place, int], ...] = (((US, "USD", "US"), 4), ((DE, "EUR", "DE"), 7), ((JP, "JPY", "JP"), 8))
"""Where tax is due, and the percentage that the ERP takes by mistake."""


@defect("F53", "invoice", "FI CASH at billing->erp in netsuite")
def taken_at_another_rate(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP books an invoice at its total, of which it takes the tax at a rate of its own."""
    place, percent = rng.choice(_PLACES)
    customer = begin(company, calm_life(company, rng, window, place=place))

    def post_other(invoice: Invoice, _proceed: Act) -> None:
        other = replace(invoice, lines=[_at_rate(line, percent) for line in invoice.lines])
        post_invoice(company, other)
        invoice.erp_id = other.erp_id
        evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
        gap = invoice.tax_minor - other.tax_minor
        tell(company, "F53", customer, evidence, money_minor=gap, note=f"{percent}% in the ERP")

    customer.deviations["erp.invoice"] = once(company, window.earliest, post_other)
    return customer


def _at_rate(line: Line, percent: int) -> Line:
    """The line with the same total, of which another share is tax."""
    gross = line.net_minor + line.tax_minor
    tax = half_up(Fraction(gross * percent, 100 + percent))
    net = gross - tax
    return replace(line, amount_minor=net, discount_minor=0, tax_minor=tax, tax_percent=percent)


twins(
    {
        "free_of_tax": Oddity(
            note="a customer that is exempt: no tax in billing, none in the ERP",
            pick=invoice_that(lambda invoice: not invoice.tax_minor),
            wishes={"place": (DE, "EUR", "DE"), "tax_free": True},
        ),
    }
)
