"""What sales does in the CRM before a deal is won: accounts, opportunities with their lines."""

from decimal import Decimal

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.nouns import Customer, Deal, DealLine
from sync_assets.sandbox.company.rates import major


def open_account(company: Company, customer: Customer) -> None:
    """Create the customer's account, once."""
    if customer.account_id:
        return
    profile = customer.profile
    customer.account_id = company.systems.crm.new_id("accounts")
    record = {
        "Id": customer.account_id,
        "Name": profile.name,
        "Legal_Name__c": profile.legal_name,
        "Type": "Customer",
        "ParentId": customer.parent.account_id or None if customer.parent else None,
        "Website": f"https://www.{profile.domain}",
        "Billing_Email__c": profile.email,
        "BillingCity": profile.city,
        "BillingCountry": profile.country,
        "Tax_Id__c": profile.tax_id,
        "Legal_Entity__c": customer.entity.code,
        "Payment_Terms__c": f"Net {customer.net_days}" if customer.net_days else "Due on receipt",
        "Credit_Hold__c": False,
        "Status__c": "Active",
        "CurrencyIsoCode": customer.currency,
    }
    company.systems.crm.put("accounts", record)
    for child in company.children(customer):
        if child.account_id:
            company.systems.crm.put("accounts", {"Id": child.account_id, "ParentId": customer.account_id})


def propose(company: Company, deal: Deal) -> None:
    """Open the opportunity of a deal, lines and all."""
    crm, customer = company.systems.crm, deal.customer
    deal.opportunity_id = crm.new_id("opportunities")
    company.deals.append(deal)
    zone = customer.entity.zone
    crm.put(
        "opportunities",
        {
            "Id": deal.opportunity_id,
            "AccountId": customer.account_id,
            "Name": f"{customer.profile.name} - {deal.kind}",
            "StageName": "Proposal/Price Quote",
            "Type": deal.kind,
            "CloseDate": day_of(deal.starts_at, zone),
            "CurrencyIsoCode": customer.currency,
            "Pricebook2Id": company.price_book,
            "HasOpportunityLineItem": True,
            "Amount": amount_of(deal),
        },
    )
    for number, line in enumerate(deal.lines, start=1):
        put_line(company, deal, line, number)


def lose(company: Company, deal: Deal) -> None:
    """Close an opportunity as lost."""
    closed_on = day_of(company.now, deal.customer.entity.zone)
    company.systems.crm.put(
        "opportunities", {"Id": deal.opportunity_id, "StageName": "Closed Lost", "CloseDate": closed_on}
    )


def amount_of(deal: Deal) -> Decimal:
    """The sum of a deal's lines at net prices, as the CRM writes it."""
    return major(sum(line.quantity * line.net_minor for line in deal.lines), deal.customer.currency)


def put_line(company: Company, deal: Deal, line: DealLine, number: int) -> None:
    """Add a line to an opportunity, at a place."""
    currency = deal.customer.currency
    product_id, entry_id = company.price_entries[line.product.code, currency]
    line.line_id = company.systems.crm.new_id("opportunity_line_items")
    record = {
        "Id": line.line_id,
        "OpportunityId": deal.opportunity_id,
        "PricebookEntryId": entry_id,
        "Product2Id": product_id,
        "ProductCode": line.product.code,
        "Name": line.product.name,
        "SortOrder": number,
        "CurrencyIsoCode": currency,
        "Quantity": Decimal(line.quantity),
        "ListPrice": major(line.product.prices[currency], currency),
        "UnitPrice": major(line.unit_minor, currency),
        "Discount": Decimal(line.discount_percent) if line.discount_percent else None,
        "TotalPrice": major(line.quantity * line.net_minor, currency),
        "ServiceDate": line.starts_on,
    }
    company.systems.crm.put("opportunity_line_items", record)
