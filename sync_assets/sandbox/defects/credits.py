"""Defects of credit notes: more is credited than was invoiced."""

from random import Random

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.credits import credit
from sync_assets.sandbox.company.happenings import last_paid
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell


@defect("F56", "invoice", "FI LEAK at billing in chargebee", symptoms="F57 F68")
def credited_again(company: Company, rng: Random, window: Window) -> Customer:
    """A replayed request credits most of a paid invoice a second time."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((60, 75, 100))

    def attempt() -> None:
        invoice = last_paid(customer)
        if invoice is None or not invoice.erp_id:
            company.later(rng, (14_400, 28_800), attempt)
            return
        first = credit(company, invoice, percent=percent, kind="refundable", reason="Service Unsatisfactory")

        def replay() -> None:
            second = credit(company, invoice, percent=percent, kind="refundable", reason="Service Unsatisfactory")
            evidence = (record("chargebee", "invoices", invoice.id), record("chargebee", "credit_notes", second.id))
            excess = first.total_minor + second.total_minor - invoice.total_minor
            tell(company, "F56", customer, evidence, money_minor=excess, note=f"{percent}% were credited twice")

        company.later(rng, (60, 600), replay)

    company.agenda.at(window.draw(rng), attempt)
    return customer
