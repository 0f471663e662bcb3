"""A customer of the second company in all five systems, and what it signed: masters and deals that stories share."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sync_assets_tests.second.catalogue import BASE, CURRENCY_ID, SUBSIDIARY_ID
from sync_assets_tests.second.town import Town


def morning(day: date, hour: int = 9, minute: int = 30) -> datetime:
    """An instant of a day; half past nine UTC unless said otherwise."""
    return datetime.combine(day, time(hour, minute), UTC)


def seconds(instant: datetime) -> int:
    """Unix seconds."""
    return int(instant.timestamp())


@dataclass(frozen=True, kw_only=True)
class Line:
    """One position of a deal: a code of the catalogue, how many, and the price per billing period."""

    code: str
    quantity: int = 1
    price: Decimal
    discount: Decimal | None = None


@dataclass(kw_only=True)
class Customer:
    """One customer; systems in `without` do not know it."""

    town: Town
    name: str
    since: date
    currency: str = "EUR"
    entity: str = "borealis_de"
    without: tuple[str, ...] = ()
    billing_fields: dict[str, Any] | None = None
    short_id: bool = False

    def __post_init__(self) -> None:
        slug = self.name.lower().replace(" ", "-")
        self.account = self.town.crm_id("accounts")
        self.billing_id = f"B{slug.replace('-', '').upper()[:14]}{self.town.number('customer', 10)}"
        self.erp_id = self.town.number("erp customer", 5001)
        self.payer = f"cus_{slug.replace('-', '')}{self.erp_id}"
        self.tax_id = f"DE{self.erp_id}88213"
        self.domain = f"{slug}.example"
        starts = morning(self.since - timedelta(days=5), 8)
        for offset, write in enumerate((self._crm, self._billing, self._payments, self._erp)):
            write(starts + timedelta(minutes=5 * offset))

    def _crm(self, at: datetime) -> None:
        if "crm" in self.without:
            return
        self.town.at(at, "salesforce", "accounts", {
            "Id": self.account, "Name": self.name, "Type": "Customer - Direct", "Website": f"https://www.{self.domain}",
            "BillingCountry": "Germany", "BillingCity": "Kiel", "BillingPostalCode": "24103", "ParentId": None,
            "CurrencyIsoCode": self.currency, "Tax_Id__c": self.tax_id, "Legal_Entity__c": self.entity,
            "Legal_Name__c": self.name, "Industry": "Machinery", "NumberOfEmployees": 240,
        })  # fmt: skip

    def _billing(self, at: datetime) -> None:
        if "billing" in self.without:
            return
        reference = self.account[:15] if self.short_id else self.account
        self.town.at(at, "chargebee", "customers", {
            "id": self.billing_id, "first_name": "Ada", "last_name": "Holm", "company": self.name,
            "email": f"ap@{self.domain}", "vat_number": self.tax_id, "preferred_currency_code": self.currency,
            "business_entity_id": self.entity, "cf_salesforce_account_id": reference, "net_term_days": 14,
            "auto_collection": "on", "locale": "de-DE", "cf_color_code": "teal", "tax_providers_fields": [],
            "billing_address": {"first_name": "Ada", "company": self.name, "line1": "Hafenstr. 3", "city": "Kiel",
                                "country": "DE", "zip": "24103", "validation_status": "not_validated",
                                "object": "billing_address"},
            **(self.billing_fields or {}),
        })  # fmt: skip

    def _payments(self, at: datetime) -> None:
        if "payments" in self.without or "billing" in self.without:
            return
        self.town.at(at, "stripe", "customers", {
            "id": self.payer, "name": self.name, "email": f"ap@{self.domain}", "currency": self.currency.lower(),
            "metadata": {"chargebee_customer_id": self.billing_id, "team": "north"}, "invoice_prefix": "9F2C01",
        })  # fmt: skip

    def _erp(self, at: datetime) -> None:
        if "erp" in self.without or "billing" in self.without:
            return
        self.town.at(at, "netsuite", "customer", {
            "id": self.erp_id, "entityid": f"C-{self.erp_id}", "companyname": self.name,
            "externalid": f"chargebee_customer_{self.billing_id}", "subsidiary": SUBSIDIARY_ID[self.entity],
            "currency": CURRENCY_ID[self.currency], "terms": 2, "email": f"ap@{self.domain}",
            "defaulttaxreg": self.tax_id, "vatregnumber": self.tax_id, "receivablesaccount": 119,
        })  # fmt: skip

    @property
    def base(self) -> str:
        """The functional currency of the legal entity that serves it."""
        return BASE[self.entity]

    def sign(self, starts: date, *lines: Line, days: int = 365, stage: str = "Closed Won", **fields: Any) -> str:
        """A deal with its contract, closed three days before its first day; returns the opportunity's id."""
        town = self.town
        signed = fields.pop("signed", None) or morning(starts - timedelta(days=3), 14)
        deal, contract = town.crm_id("opportunities"), town.crm_id("contracts")
        amount = sum((line.price * line.quantity for line in lines), Decimal(0))
        town.at(signed, "salesforce", "contracts", {
            "Id": contract, "AccountId": self.account, "StartDate": starts, "Status": "Activated",
            "EndDate": starts + timedelta(days=days - 1), "ContractTerm": days // 30, "Opportunity__c": deal,
        })  # fmt: skip
        town.at(signed, "salesforce", "opportunities", {
            "Id": deal, "AccountId": self.account, "Name": f"{self.name} {starts:%Y}", "StageName": stage,
            "CloseDate": signed.date(), "Amount": amount, "CurrencyIsoCode": self.currency, "Type": "New Customer",
            "ContractId": contract, "LeadSource": "Web", "ForecastCategoryName": "Closed", **fields,
        })  # fmt: skip
        for line in lines:
            self._line(signed, deal, line)
        return deal

    def _line(self, at: datetime, deal: str, line: Line) -> None:
        record = self.town.crm_id("opportunity_line_items")
        self.town.ids["line", deal, line.code] = record
        self.town.at(at, "salesforce", "opportunity_line_items", {
            "Id": record, "OpportunityId": deal, "Product2Id": self.town.ids["product2", line.code],
            "PricebookEntryId": self.town.ids["price", line.code, self.currency], "Quantity": Decimal(line.quantity),
            "UnitPrice": line.price, "CurrencyIsoCode": self.currency, "Discount": line.discount,
            "ProductCode": line.code, "ServiceDate": None, "Description": None,
        })  # fmt: skip

    def amend(self, at: datetime, deal: str, line: Line, *, effective: date, before: int) -> None:
        """An upgrade: the deal's line is edited in place, and an order with the difference records it."""
        town, original, order = self.town, self.town.crm_id("orders"), self.town.crm_id("orders")
        town.at(at - timedelta(minutes=2), "salesforce", "orders", {
            "Id": original, "AccountId": self.account, "OpportunityId": deal, "EffectiveDate": effective.replace(day=1),
            "Status": "Activated", "CurrencyIsoCode": self.currency,
        })  # fmt: skip
        town.at(at, "salesforce", "orders", {
            "Id": order, "AccountId": self.account, "OpportunityId": deal, "OriginalOrderId": original,
            "EffectiveDate": effective, "Status": "Activated", "CurrencyIsoCode": self.currency,
        })  # fmt: skip
        town.at(at, "salesforce", "order_items", {
            "Id": town.crm_id("order_items"), "OrderId": order, "Product2Id": town.ids["product2", line.code],
            "PricebookEntryId": town.ids["price", line.code, self.currency], "ServiceDate": effective,
            "Quantity": Decimal(line.quantity - before), "UnitPrice": line.price,
        })  # fmt: skip
        edited = {"Id": town.ids["line", deal, line.code], "Quantity": Decimal(line.quantity), "UnitPrice": line.price}
        town.at(at, "salesforce", "opportunity_line_items", edited)
