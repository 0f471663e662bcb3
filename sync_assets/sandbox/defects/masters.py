"""Defects of master data: a tax id that nobody passes on, a wrong subsidiary, a closed account that owes, a merge."""

from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP, US
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight
from sync_assets.sandbox.company.happenings import leave
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.company.population import Place
from sync_assets.sandbox.company.postings import post_invoice
from sync_assets.sandbox.company.subscriptions import round_mrr
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell

_TAXED: tuple[Place, ...] = ((US, "USD", "US"), (DE, "EUR", "DE"), (JP, "JPY", "JP"))
_ABROAD: tuple[Place, ...] = ((DE, "EUR", "DE"), (DE, "GBP", "GB"), (JP, "JPY", "JP"))


def _taxed(company: Company, rng: Random, window: Window) -> Customer:
    """A customer who has paid for a year, and taxes with it, before the window opens."""
    place = rng.choice(_TAXED)
    before = window.earliest - timedelta(days=rng.randint(5, 50))
    starts_at = midnight(day_of(before, place[0].zone), place[0].zone)
    return begin(company, calm_life(company, rng, window, annual=True, place=place, starts_at=starts_at))


def _exposed(customer: Customer) -> int:
    """What a wrong number puts in doubt: what is due, and the taxes of what is paid."""
    return sum(invoice.due_minor or invoice.tax_minor for invoice in customer.invoices)


@defect("F9", "customer", "FI CONTROL at crm->billing in chargebee")
def tax_id_changed(company: Company, rng: Random, window: Window) -> Customer:
    """A customer gets a new tax id; the CRM knows, and nobody tells billing."""
    customer = _taxed(company, rng, window)
    number = rng.randrange(10**8, 10**9)

    def change() -> None:
        changed = {"Id": customer.account_id, "Tax_Id__c": f"{customer.profile.country}{number}"}
        company.systems.crm.put("accounts", changed)
        evidence = (
            record("chargebee", "customers", customer.billing_id),
            record("salesforce", "accounts", customer.account_id),
        )
        tell(company, "F9", customer, evidence, money_minor=_exposed(customer), note="a new tax id in the CRM only")

    company.agenda.at(window.draw(rng), change)
    return customer


@defect("F9 in the ERP", "customer", "FI CONTROL at billing->erp in netsuite")
def tax_id_mistyped(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody corrects a customer's tax id in the ERP, and mistypes it."""
    customer = _taxed(company, rng, window)

    def mistype() -> None:
        typed = f"{customer.profile.tax_id}9"
        company.systems.erp.put("customer", {"id": customer.erp_id, "vatregnumber": typed, "defaulttaxreg": typed})
        evidence = (
            record("chargebee", "customers", customer.billing_id),
            record("netsuite", "customer", customer.erp_id),
        )
        tell(company, "F9 in the ERP", customer, evidence, money_minor=_exposed(customer), note="mistyped in the ERP")

    company.agenda.at(window.draw(rng), mistype)
    return customer


@defect("F10", "customer", "FI MISSTATE at billing->erp in netsuite", symptoms="F82")
def wrong_subsidiary(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP files a customer under the first subsidiary, and books its invoices there."""
    place = rng.choice(_ABROAD)
    starts_at = midnight(day_of(window.draw(rng), place[0].zone), place[0].zone)
    wishes = {"annual": True, "place": place, "starts_at": starts_at, "pays_by": "transfer"}
    customer = begin(company, calm_life(company, rng, window, **wishes))
    customer.erp_entity = US

    def book(invoice: Invoice, _proceed: Act) -> None:
        post_invoice(company, invoice)
        evidence = (
            record("chargebee", "customers", customer.billing_id),
            record("netsuite", "customer", customer.erp_id),
        )
        note = f"{US.code} in the ERP instead of {customer.entity.code}"
        facts = {"money_minor": invoice.total_minor, "note": note, "since": invoice.dated_at}
        tell(company, "F10", customer, evidence, **facts)

    customer.deviations["erp.invoice"] = book
    return customer


@defect("F4", "customer", "RO CASH at crm->billing in salesforce")
def closed_while_owing(company: Company, rng: Random, window: Window) -> Customer:
    """A customer leaves, the last invoice stays open, and the account is deleted."""
    notice_at = window.earliest - timedelta(days=3)
    wishes = {"pays_by": "transfer", "happenings": ((notice_at, leave),)}
    customer = begin(company, calm_life(company, rng, window, **wishes))

    def keep_waiting(invoice: Invoice, proceed: Act) -> None:
        if invoice.dated_at < notice_at - timedelta(days=31):
            proceed()

    def clean_up() -> None:
        company.systems.crm.delete("accounts", customer.account_id)
        for deal in (each.deal for each in customer.subscriptions if each.deal):
            deal.is_deleted = True
        owed = sum(invoice.due_minor for invoice in customer.invoices)
        evidence = (record("chargebee", "customers", customer.billing_id),)
        tell(company, "F4", customer, evidence, money_minor=owed, note="the account was deleted with money open")

    customer.deviations["payments.collect"] = keep_waiting
    company.agenda.at(window.earliest + timedelta(days=rng.randint(35, 55)), clean_up)
    return customer


def merge_away(company: Company, customer: Customer) -> str:
    """The customer's account turns out to be a duplicate and is merged into another; returns the winner's id."""
    crm, profile = company.systems.crm, customer.profile
    winner = crm.new_id("accounts")
    record = {"Id": winner, "Name": profile.name, "Type": "Customer", "Legal_Entity__c": customer.entity.code}
    address = {"BillingCountry": profile.country, "Tax_Id__c": profile.tax_id, "CurrencyIsoCode": customer.currency}
    crm.put("accounts", {**record, **address})
    crm.merge(customer.account_id, winner)
    customer.account_id = winner
    return winner


@defect("F5", "customer", "DE CONTROL at crm->billing in chargebee")
def merged_unnoticed(company: Company, rng: Random, window: Window) -> Customer:
    """Two accounts are merged in the CRM; billing goes on naming the one that is gone."""
    customer = begin(company, calm_life(company, rng, window))

    def merge() -> None:
        winner = merge_away(company, customer)
        evidence = (
            record("chargebee", "customers", customer.billing_id),
            record("salesforce", "accounts", winner),
        )
        monthly = sum(round_mrr(each) for each in customer.subscriptions if each.status == "active")
        tell(company, "F5", customer, evidence, money_minor=monthly, note=f"merged into {winner}")

    company.agenda.at(window.draw(rng), merge)
    return customer
