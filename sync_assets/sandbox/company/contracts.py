"""What a won deal becomes in the CRM: a contract, an order with items, and their later amendments."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.crm import amount_of
from sync_assets.sandbox.company.days import day_of, month_later
from sync_assets.sandbox.company.nouns import Deal, DealLine
from sync_assets.sandbox.company.rates import major


@dataclass(frozen=True, kw_only=True)
class _Order:
    """An order about to be written; `amends` is the order it amends."""

    on: date
    lines: list[tuple[DealLine, int]]
    amends: str = ""


def win(company: Company, deal: Deal) -> None:
    """Close an opportunity as won: the contract and the order follow at once."""
    crm, customer, zone = company.systems.crm, deal.customer, deal.customer.entity.zone
    starts_on = day_of(deal.starts_at, zone)
    deal.ends_on = month_later(starts_on, deal.term_months) - timedelta(days=1)
    deal.contract_id = crm.new_id("contracts")
    contract = {
        "Id": deal.contract_id,
        "AccountId": customer.account_id,
        "Pricebook2Id": company.price_book,
        "StartDate": starts_on,
        "EndDate": deal.ends_on,
        "ContractTerm": deal.term_months,
        "Status": "Activated",
        "StatusCode": "Activated",
        "ActivatedDate": company.now,
        "Opportunity__c": deal.opportunity_id,
        "CurrencyIsoCode": customer.currency,
    }
    crm.put("contracts", contract)
    won = {"Id": deal.opportunity_id, "StageName": "Closed Won", "ContractId": deal.contract_id}
    crm.put("opportunities", {**won, "CloseDate": day_of(company.now, zone)})
    deal.order_id = _put_order(
        company, deal, _Order(on=starts_on, lines=[(line, line.quantity) for line in deal.lines])
    )


def amend(company: Company, deal: Deal, line: DealLine, added: int, effective_at: datetime) -> str:
    """Expand (or reduce) a won deal: its line is edited in place, an amendment order records what was added.

    Returns:
        The id of the amendment order; its item's quantity is the difference.
    """
    line.quantity += added
    crm, on = company.systems.crm, day_of(effective_at, deal.customer.entity.zone)
    total = major(line.quantity * line.net_minor, deal.customer.currency)
    crm.put("opportunity_line_items", {"Id": line.line_id, "Quantity": Decimal(line.quantity), "TotalPrice": total})
    crm.put("opportunities", {"Id": deal.opportunity_id, "Amount": amount_of(deal)})
    return _put_order(company, deal, _Order(on=on, lines=[(line, added)], amends=deal.order_id))


def end_contract(company: Company, deal: Deal, last_day: date) -> None:
    """Move the last day of a contract: a renewal later, an early end sooner; nobody edits a deleted one."""
    deal.ends_on = last_day
    if deal.is_deleted:
        return
    company.systems.crm.put("contracts", {"Id": deal.contract_id, "EndDate": last_day})


def _put_order(company: Company, deal: Deal, order: _Order) -> str:
    crm, currency = company.systems.crm, deal.customer.currency
    order_id = crm.new_id("orders")
    amount = sum(quantity * line.net_minor for line, quantity in order.lines)
    record = {
        "Id": order_id,
        "AccountId": deal.customer.account_id,
        "ContractId": deal.contract_id,
        "OpportunityId": deal.opportunity_id,
        "OriginalOrderId": order.amends or None,
        "IsReductionOrder": amount < 0,
        "EffectiveDate": order.on,
        "EndDate": deal.ends_on,
        "Pricebook2Id": company.price_book,
        "Status": "Activated",
        "StatusCode": "Activated",
        "ActivatedDate": company.now,
        "Type": "Amendment" if order.amends else "New",
        "CurrencyIsoCode": currency,
        "TotalAmount": major(amount, currency),
    }
    crm.put("orders", record)
    for line, quantity in order.lines:
        item_id = crm.new_id("order_items")
        item = _item(company, deal, line, quantity, line.starts_on or order.on)
        crm.put("order_items", {"Id": item_id, "OrderId": order_id, **item})
        line.order_item_id = line.order_item_id or item_id
    return order_id


def _item(company: Company, deal: Deal, line: DealLine, quantity: int, on: date) -> dict[str, object]:
    currency = deal.customer.currency
    product_id, entry_id = company.price_entries[line.product.code, currency]
    return {
        "Product2Id": product_id,
        "PricebookEntryId": entry_id,
        "OriginalOrderItemId": line.order_item_id or None,
        "Quantity": Decimal(quantity),
        "CurrencyIsoCode": currency,
        "ListPrice": major(line.product.prices[currency], currency),
        "UnitPrice": major(line.net_minor, currency),
        "TotalPrice": major(quantity * line.net_minor, currency),
        "ServiceDate": on,
        "EndDate": deal.ends_on,
    }
