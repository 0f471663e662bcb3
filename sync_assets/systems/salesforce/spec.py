"""Salesforce's streams as data: objects, fields, stamps, mappings. Rename nothing: these names are the census."""

from sync_assets.connect.spec import Mapped, Stream, System, audited_in
from sync_assets.systems.salesforce import mappings, reads
from sync_assets.systems.salesforce.org import API_VERSION, open_org

OBJECTS = "https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/"

LATENESS_S = 601
"""A transaction lasts ten minutes at most, and stamps have whole seconds. Source: Apex "Execution Governors"."""


def _fields(declaration: str) -> dict[str, str]:
    """Field name to kind from words; without a kind a field is text."""
    pairs = (word.partition(":") for word in declaration.split())
    return {name: kind or "text" for name, _, kind in pairs}


_EVERY = "Id IsDeleted:flag CreatedDate:instant LastModifiedDate:instant SystemModstamp:instant "


def _stream(
    name: str, sobject: str, fields: str, *mapped: Mapped, probed: bool = False, merged_into: str | None = None
) -> Stream:
    return Stream(
        name=name,
        key=("Id",),
        key_kind="salesforce_id",
        document=f"{OBJECTS}sforce_api_objects_{sobject.lower()}.htm",
        stamp="SystemModstamp",
        stamped=True,
        deleted="IsDeleted",
        merged_into=merged_into,
        lateness_s=LATENESS_S,
        probed=probed,
        read={"sobject": sobject, "fields": _fields(_EVERY + fields)},
        mappings=mapped,
    )


ACCOUNTS = _stream(
    "accounts",
    "Account",
    "MasterRecordId Name ParentId AccountNumber Type Website BillingStreet BillingCity BillingPostalCode BillingState "
    "BillingStateCode BillingCountry BillingCountryCode OwnerId CurrencyIsoCode Tax_Id__c Legal_Entity__c",
    mappings.CUSTOMER,
    probed=True,
    merged_into="MasterRecordId",
)
OPPORTUNITIES = _stream(
    "opportunities",
    "Opportunity",
    "Name AccountId ContractId StageName Amount:number CloseDate IsClosed:flag IsWon:flag Type Pricebook2Id OwnerId "
    "LastStageChangeDate:instant CurrencyIsoCode",
    mappings.DEAL,
    probed=True,
)
OPPORTUNITY_LINE_ITEMS = _stream(
    "opportunity_line_items",
    "OpportunityLineItem",
    "OpportunityId Product2Id PricebookEntryId ProductCode Name Quantity:number UnitPrice:number ListPrice:number "
    "Discount:number TotalPrice:number ServiceDate SortOrder:number CurrencyIsoCode",
    mappings.DEAL_LINE,
)
PRODUCT2 = _stream("product2", "Product2", "Name ProductCode IsActive:flag Family", mappings.PRODUCT)
PRICEBOOK2 = _stream("pricebook2", "Pricebook2", "Name IsActive:flag IsStandard:flag")
PRICEBOOK_ENTRIES = _stream(
    "pricebook_entries",
    "PricebookEntry",
    "Pricebook2Id Product2Id ProductCode UnitPrice:number IsActive:flag UseStandardPrice:flag CurrencyIsoCode",
    mappings.PRICE,
)
CONTRACTS = _stream(
    "contracts",
    "Contract",
    "AccountId ContractNumber Status StatusCode StartDate EndDate ContractTerm:number ActivatedDate:instant "
    "CurrencyIsoCode",
    mappings.CONTRACT,
)
ORDERS = _stream(
    "orders",
    "Order",
    "AccountId ContractId OpportunityId OriginalOrderId OrderNumber Type Status StatusCode EffectiveDate EndDate "
    "ActivatedDate:instant IsReductionOrder:flag TotalAmount:number Pricebook2Id PoNumber CurrencyIsoCode",
    mappings.ORDER,
    probed=True,
)
ORDER_ITEMS = _stream(
    "order_items",
    "OrderItem",
    "OrderId Product2Id PricebookEntryId OriginalOrderItemId OrderItemNumber Quantity:number UnitPrice:number "
    "ListPrice:number TotalPrice:number ServiceDate EndDate CurrencyIsoCode",
    mappings.ORDER_LINE,
)

SYSTEM = System(
    name="salesforce",
    role="crm",
    api_version=API_VERSION,
    document="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
    streams=(
        ACCOUNTS,
        OPPORTUNITIES,
        OPPORTUNITY_LINE_ITEMS,
        PRODUCT2,
        PRICEBOOK2,
        PRICEBOOK_ENTRIES,
        CONTRACTS,
        ORDERS,
        ORDER_ITEMS,
    ),
    credentials=(("CLIENT_ID", "CLIENT_SECRET"), ("CLIENT_ID", "USERNAME", "PRIVATE_KEY")),
    optional={"API_VERSION": ""},
    rate_per_minute=600,
    open=open_org,
    clock=reads.clock,
    read=reads.read,
    find=reads.find,
    probe=reads.probe,
    audit=audited_in("sync_assets.systems.salesforce.audit"),
    parallel=4,
)
