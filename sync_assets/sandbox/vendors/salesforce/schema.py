"""What the simulated org's objects look like: their fields, kinds and references, as data.

Belongs here: object and field metadata, which SELECT, WHERE and describe all read. No record, no HTTP.
Source: Salesforce object reference (Account, Opportunity, OpportunityLineItem, Product2, Pricebook2, PricebookEntry,
Contract, Order, OrderItem, Organization); CurrencyIsoCode exists in multi-currency orgs only.
"""

from dataclasses import dataclass, field

COMMON = """
Id id|IsDeleted boolean|CreatedDate datetime|CreatedById reference User|LastModifiedDate datetime
LastModifiedById reference User|SystemModstamp datetime
"""

ACCOUNT = """
Name string|MasterRecordId reference Account|Type picklist|ParentId reference Account|BillingStreet textarea
BillingCity string|BillingState string|BillingPostalCode string|BillingCountry string|BillingAddress address
Phone phone|Fax phone|AccountNumber string|Website url|Industry picklist|AnnualRevenue currency
NumberOfEmployees int|Ownership picklist|TickerSymbol string|Description textarea|Rating picklist|Site string
CurrencyIsoCode picklist|OwnerId reference User|LastActivityDate date|AccountSource picklist
Legal_Entity__c string|Tax_Id__c string|Legal_Name__c string|Billing_Email__c email|Credit_Hold__c boolean
Payment_Terms__c string|Status__c picklist
"""

OPPORTUNITY = """
AccountId reference Account|Name string|Description textarea|StageName picklist|Amount currency|Probability percent
ExpectedRevenue currency|TotalOpportunityQuantity double|CloseDate date|Type picklist|NextStep string
LeadSource picklist|IsClosed boolean|IsWon boolean|ForecastCategory picklist|ForecastCategoryName picklist
CurrencyIsoCode picklist|HasOpportunityLineItem boolean|Pricebook2Id reference Pricebook2|OwnerId reference User
ContractId reference Contract|LastActivityDate date|FiscalQuarter int|FiscalYear int|Fiscal string
"""

OPPORTUNITY_LINE_ITEM = """
OpportunityId reference Opportunity|SortOrder int|PricebookEntryId reference PricebookEntry
Product2Id reference Product2|ProductCode string|Name string|CurrencyIsoCode picklist|Quantity double
TotalPrice currency|UnitPrice currency|ListPrice currency|Discount percent|Subtotal currency|ServiceDate date
Description string
"""

PRODUCT2 = """
Name string|ProductCode string|Description textarea|IsActive boolean|CurrencyIsoCode picklist|Family picklist
StockKeepingUnit string|QuantityUnitOfMeasure picklist|DisplayUrl url|ExternalId string|IsArchived boolean
"""

PRICEBOOK2 = """
Name string|IsActive boolean|IsArchived boolean|Description string|IsStandard boolean
"""

PRICEBOOK_ENTRY = """
Name string|Pricebook2Id reference Pricebook2|Product2Id reference Product2|CurrencyIsoCode picklist
UnitPrice currency|IsActive boolean|UseStandardPrice boolean|ProductCode string|IsArchived boolean
"""

CONTRACT = """
AccountId reference Account|Pricebook2Id reference Pricebook2|OwnerExpirationNotice picklist|StartDate date
EndDate date|ContractTerm int|OwnerId reference User|Status picklist|StatusCode picklist|CompanySignedDate date
CustomerSignedDate date|ActivatedDate datetime|ActivatedById reference User|SpecialTerms textarea
Description textarea|ContractNumber string|Name string|CurrencyIsoCode picklist|LastActivityDate date
Opportunity__c reference Opportunity|Auto_Renew__c boolean
"""

ORDER = """
OwnerId reference User|ContractId reference Contract|AccountId reference Account|Pricebook2Id reference Pricebook2
OriginalOrderId reference Order|OpportunityId reference Opportunity|EffectiveDate date|EndDate date
IsReductionOrder boolean|Status picklist|StatusCode picklist|Description textarea|Type picklist|Name string
OrderNumber string|OrderReferenceNumber string|PoNumber string|PoDate date|TotalAmount currency
CurrencyIsoCode picklist|ActivatedDate datetime|ActivatedById reference User|BillingStreet textarea
BillingCity string|BillingState string|BillingPostalCode string|BillingCountry string|BillingAddress address
"""

ORDER_ITEM = """
OrderId reference Order|Product2Id reference Product2|PricebookEntryId reference PricebookEntry
OriginalOrderItemId reference OrderItem|AvailableQuantity double|Quantity double|CurrencyIsoCode picklist
UnitPrice currency|ListPrice currency|TotalPrice currency|ServiceDate date|EndDate date|Description string
OrderItemNumber string
"""

ORGANIZATION = """
Name string|Country string|InstanceName string|IsSandbox boolean|OrganizationType picklist
DefaultLocaleSidKey picklist|TimeZoneSidKey picklist
"""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of an object. `refers_to` names the parent object of a reference."""

    name: str
    kind: str
    refers_to: str = ""

    @property
    def relationship(self) -> str:
        """The name under which a query reaches the parent, e.g. `Account` for `AccountId`; empty when there is none."""
        if self.kind != "reference":
            return ""
        return self.name[:-1] + "r" if self.name.endswith("__c") else self.name.removesuffix("Id")


@dataclass(kw_only=True)
class SObject:
    """One object of the org: its name, the prefix of its ids, the name others use for its list, and its columns."""

    name: str
    prefix: str
    stream: str
    fields: dict[str, Field]
    by_lower: dict[str, Field] = field(default_factory=dict)
    parents: dict[str, Field] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column in list(self.fields.values()):
            self.add(column)

    def add(self, column: Field) -> None:
        """Take a column in, e.g. a custom one."""
        self.fields[column.name] = column
        self.by_lower[column.name.lower()] = column
        if column.relationship:
            self.parents[column.relationship.lower()] = column


_OBJECTS = (
    ("Account", "001", "accounts", ACCOUNT),
    ("Opportunity", "006", "opportunities", OPPORTUNITY),
    ("OpportunityLineItem", "00k", "opportunity_line_items", OPPORTUNITY_LINE_ITEM),
    ("Product2", "01t", "product2", PRODUCT2),
    ("Pricebook2", "01s", "pricebook2", PRICEBOOK2),
    ("PricebookEntry", "01u", "pricebook_entries", PRICEBOOK_ENTRY),
    ("Contract", "800", "contracts", CONTRACT),
    ("Order", "801", "orders", ORDER),
    ("OrderItem", "802", "order_items", ORDER_ITEM),
    ("Organization", "00D", "organization", ORGANIZATION),
)

CASCADES = (
    ("opportunities", "AccountId"),
    ("contracts", "AccountId"),
    ("orders", "AccountId"),
    ("opportunity_line_items", "OpportunityId"),
    ("order_items", "OrderId"),
)
"""Which rows go to the recycle bin with their parent. Source: object reference, parent relationships."""

PARENTS = (*CASCADES, ("accounts", "ParentId"))
"""Which rows a merge of their parent moves to the winner."""


def columns(text: str) -> dict[str, Field]:
    """The columns a text of `Name kind [Parent]`, separated by bars or line ends, describes."""
    words = (entry.split() for entry in text.replace("\n", "|").split("|") if entry.strip())
    return {name: Field(name=name, kind=kind, refers_to=(rest or [""])[0]) for name, kind, *rest in words}


def org_objects() -> dict[str, SObject]:
    """A fresh set of the org's objects by stream name; each vendor owns one, since custom fields may be added."""
    return {
        stream: SObject(name=name, prefix=prefix, stream=stream, fields=columns(COMMON + own))
        for name, prefix, stream, own in _OBJECTS
    }
