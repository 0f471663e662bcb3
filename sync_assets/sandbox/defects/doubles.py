"""Defects of who and what is known where: customers twice, families across borders, products the ERP never got."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP, SUPPORT_ANNUAL, US
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of, midnight
from sync_assets.sandbox.company.founding import launch
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.company.population import PLACES, Place
from sync_assets.sandbox.company.subscriptions import round_mrr
from sync_assets.sandbox.defects.contracts import accrual_of
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, record, tell

_FIRST: Place = (DE, "EUR", "DE")
_ELSEWHERE: tuple[Place, ...] = ((US, "USD", "US"), (JP, "JPY", "JP"))


def _again(company: Company, first: Customer, life: Life, class_: str) -> None:
    """The same company becomes a customer once more; an hour after its start the double is a fact."""
    second = begin(company, life)
    second.profile = first.profile

    def tell_double() -> None:
        subscription = second.subscriptions[0]
        evidence = (
            record("chargebee", "customers", second.billing_id),
            record("chargebee", "customers", first.billing_id),
            record("chargebee", "subscriptions", subscription.id),
        )
        since = subscription.starts_at
        accrual = accrual_of(second, subscription.net_minor, subscription.months, since)
        note = f"the same company as {first.billing_id}"
        tell(company, class_, second, evidence, accrual=accrual, since=since, note=note)

    company.agenda.at(life.starts_at + timedelta(hours=1), tell_double)


@defect("F1", "customer", "RO OVER at billing in chargebee", symptoms="F88")
def signed_up_again(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody of a company that sales serves already signs up on the web site."""
    life = calm_life(company, rng, window)
    first = begin(company, life)
    starts_at = window.draw(rng).replace(microsecond=0)
    alone = replace(life, starts_at=starts_at, self_serve=True, seats=rng.randint(2, 6), discount_percent=0)
    _again(company, first, alone, "F1")
    return first


@defect("F2", "customer", "RO OVER at billing in chargebee", symptoms="F88")
def sold_in_two_regions(company: Company, rng: Random, window: Window) -> Customer:
    """Two legal entities sell the same product to one company, without knowing of each other."""
    first = begin(company, calm_life(company, rng, window, place=_FIRST))
    place = rng.choice(_ELSEWHERE)
    starts_at = midnight(day_of(window.draw(rng), place[0].zone), place[0].zone)
    _again(company, first, calm_life(company, rng, window, place=place, starts_at=starts_at), "F2")
    return first


@defect("F6", "customer", "RO CONTROL at crm->billing in chargebee")
def family_across_borders(company: Company, rng: Random, window: Window) -> Customer:
    """A customer gets a parent that another legal entity bills in another currency."""
    parent = begin(company, calm_life(company, rng, window, place=_FIRST))
    child = begin(company, calm_life(company, rng, window, place=rng.choice(_ELSEWHERE)))

    def tie() -> None:
        owner = {"payment_owner_id": parent.billing_id, "invoice_owner_id": parent.billing_id}
        relationship = {"parent_id": parent.billing_id, **owner}
        company.systems.billing.put("customers", {"id": child.billing_id, "relationship": relationship})
        company.systems.crm.put("accounts", {"Id": child.account_id, "ParentId": parent.account_id})
        evidence = (
            record("chargebee", "customers", child.billing_id),
            record("chargebee", "customers", parent.billing_id),
        )
        monthly = sum(round_mrr(each) for each in child.subscriptions if each.status == "active")
        note = f"under {parent.billing_id}, billed in {parent.currency}"
        tell(company, "F6", child, evidence, money_minor=monthly, note=note)

    company.agenda.at(window.draw(rng), tie)
    return child


@defect("F24", "product", "RO MISSTATE at billing->erp in netsuite", symptoms="F51 F57 F60 F72 F75")
def launched_without_item(company: Company, rng: Random, window: Window) -> Customer:
    """A new product is sold and invoiced; the ERP has no item to book it on."""
    number = company.number("launch")
    product = replace(SUPPORT_ANNUAL, code=f"insights-{number}", name=f"Insights {number}", feature="insights")
    launch(company, product)
    place = rng.choice(PLACES)
    starts_at = midnight(day_of(window.draw(rng), place[0].zone), place[0].zone)
    wishes = {"annual": True, "place": place, "starts_at": starts_at, "beside": product, "pays_by": "transfer"}
    customer = begin(company, calm_life(company, rng, window, **wishes))

    def fail(invoice: Invoice, _proceed: Act) -> None:
        evidence = (
            record("chargebee", "items", product.code),
            record("chargebee", "invoices", invoice.id),
        )
        note = f"no item {product.code} in the ERP"
        tell(company, "F24", customer, evidence, money_minor=invoice.total_minor, note=note)

    customer.deviations["erp.invoice"] = fail
    return customer
