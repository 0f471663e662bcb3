"""Defects of how the ERP posts an invoice: twice, in another period than that of its day, on the wrong account."""

from datetime import date
from random import Random

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import month_later
from sync_assets.sandbox.company.founding import period_id
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.company.postings import post_invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F76", "invoice", "FI MISSTATE at billing->erp in netsuite", symptoms="F60 F88")
def posted_twice(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP's reply to a posting is lost, and the invoice is posted once more under its number alone."""
    customer = begin(company, calm_life(company, rng, window))

    def post_again_later(invoice: Invoice, proceed: Act) -> None:
        proceed()
        company.later(rng, (300, 900), lambda: repeat(invoice))

    def repeat(invoice: Invoice) -> None:
        first, settled = invoice.erp_id, list(invoice.erp_applied)
        invoice.erp_applied.clear()
        post_invoice(company, invoice)
        company.systems.erp.put("transaction", {"id": invoice.erp_id, "externalid": None})
        evidence = (*_evidence(invoice), record("netsuite", "transaction", first))
        tell(company, "F76", customer, evidence, money_minor=invoice.total_minor, note="posted again after a timeout")
        invoice.erp_id, invoice.erp_applied = first, settled

    customer.deviations["erp.invoice"] = once(company, window.earliest, post_again_later)
    return customer


@defect("F81", "invoice", "FI MISSTATE at erp->ledger in netsuite")
def wrong_period(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody moves an invoice to the period after that of its day, although that one is open."""
    customer = begin(company, calm_life(company, rng, window))

    def shift(invoice: Invoice, proceed: Act) -> None:
        proceed()
        company.systems.erp.put("transaction", {"id": invoice.erp_id, "postingperiod": _next_period(invoice.on)})
        tell(company, "F81", customer, _evidence(invoice), money_minor=invoice.total_minor, note="one period late")

    def is_early(invoice: Invoice) -> bool:
        return (company.now.year, company.now.month) == (invoice.on.year, invoice.on.month)

    customer.deviations["erp.invoice"] = once(company, window.earliest, shift, suits=is_early)
    return customer


@defect("F82", "invoice", "FI MISSTATE at erp->ledger in netsuite")
def wrong_account(company: Company, rng: Random, window: Window) -> Customer:
    """A line of an invoice goes to the account of something else."""
    customer = begin(company, calm_life(company, rng, window))
    account = ACCOUNTS[rng.choice(("usage_income", "exchange", "fees"))]

    def misplace(invoice: Invoice, proceed: Act) -> None:
        proceed()
        line = {"transaction": invoice.erp_id, "transactionline": 1, "accountingbook": 1}
        company.systems.erp.put("transactionaccountingline", {**line, "account": account.id})
        money = invoice.lines[0].net_minor
        tell(company, "F82", customer, _evidence(invoice), money_minor=money, note=f"posted to {account.name}")

    customer.deviations["erp.invoice"] = once(company, window.earliest, misplace)
    return customer


def _evidence(invoice: Invoice) -> tuple[Record, ...]:
    return (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))


def _next_period(on: date) -> int:
    return period_id(month_later(on, 1))
