"""Defects of recurring revenue as the ledger implies it: totals and accounts agree, and a plan is booked as usage."""

from dataclasses import replace
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import API_CALLS
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell


@defect("F88", "customer", "RO CONTROL at billing->erp in netsuite")
def booked_as_usage(company: Company, rng: Random, window: Window) -> Customer:
    """From a day on, the ERP books a customer's seats under the item of its usage, on usage's own account."""
    customer = begin(company, calm_life(company, rng, window))
    told: list[Invoice] = []

    def book_as_usage(invoice: Invoice, proceed: Act) -> None:
        lines = invoice.lines
        if company.now < window.earliest or invoice.subscription.deal is None:
            proceed()
            return
        invoice.lines = [replace(line, product=API_CALLS) for line in lines]
        proceed()
        invoice.lines = lines
        if not told:
            told.append(invoice)
            seen = (
                record("chargebee", "customers", customer.billing_id),
                record("salesforce", "opportunities", invoice.subscription.deal.opportunity_id),
                record("netsuite", "transaction", invoice.erp_id),
            )
            yearly = 12 * invoice.subscription.net_minor
            tell(company, "F88", customer, seen, money_minor=yearly, note="seats booked as usage, month after month")

    customer.deviations["erp.invoice"] = book_as_usage
    return customer
