"""Defects of what billing takes back alone: credits and bad debts that the ERP never hears of."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import adjust, last_open
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import Happening, begin
from sync_assets.sandbox.company.nouns import CreditNote, Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


def when_open(company: Company, customer: Customer, act: Happening) -> Act:
    """An action that lets something happen as soon as the customer has an open invoice in the books."""

    def attempt() -> None:
        if last_open(customer) is None:
            company.agenda.at(company.now + timedelta(hours=8), attempt)
        else:
            act(company, customer)

    return attempt


def write_off(company: Company, invoice: Invoice) -> int:
    """Give up what is due on an invoice in billing; returns how much."""
    owed = invoice.due_minor
    invoice.written_off_minor += owed
    invoice.status, invoice.paid_at = "paid", company.now
    show(company, invoice)
    return owed


@defect("F102", "credit_note", "DE MISSTATE at billing->erp in netsuite", symptoms="F57")
def credit_not_sent(company: Company, rng: Random, window: Window) -> Customer:
    """Part of an open invoice is credited in billing, and the ERP goes on expecting the whole."""
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))

    def lose(note: CreditNote, _proceed: Act) -> None:
        evidence = (record("chargebee", "credit_notes", note.id), record("chargebee", "invoices", note.invoice.id))
        facts = {"money_minor": note.total_minor, "since": note.dated_at, "note": "the credit memo was not sent"}
        tell(company, "F102", customer, evidence, **facts)

    customer.deviations["erp.credit"] = once(company, window.earliest, lose)
    company.agenda.at(window.earliest + timedelta(hours=rng.randrange(20 * 24)), when_open(company, customer, adjust))
    return customer


@defect("F94", "invoice", "FI MISSTATE at billing->erp in netsuite")
def written_off_alone(company: Company, rng: Random, window: Window) -> Customer:
    """An invoice that nobody will pay is written off in billing; the ERP goes on expecting it."""
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))

    def give_up(company: Company, customer: Customer) -> None:
        invoice = last_open(customer)
        if invoice is not None:
            owed = write_off(company, invoice)
            evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
            tell(company, "F94", customer, evidence, money_minor=owed, note="written off in billing alone")

    company.agenda.at(window.earliest + timedelta(hours=rng.randrange(20 * 24)), when_open(company, customer, give_up))
    return customer
