"""Which fields of Salesforce's objects become which entities. Declared here; what they mean is in canonical*.py.

Loads no pandas: every mapping is named, and imported when it is first used.
"""

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Mapped, later

_MASTERS = "sync_assets.systems.salesforce.canonical"
_DOCUMENTS = "sync_assets.systems.salesforce.canonical_documents"

CUSTOMER = Mapped(
    entity="customer",
    columns=columns(
        "name=Name is_deleted=IsDeleted:flag master_id=MasterRecordId parent_id=ParentId website=Website "
        "country=BillingCountry country_code=BillingCountryCode state=BillingState state_code=BillingStateCode "
        "street=BillingStreet city=BillingCity postcode=BillingPostalCode "
        "currency=CurrencyIsoCode tax_id=Tax_Id__c@TAX_ID_FIELD legal_entity=Legal_Entity__c@LEGAL_ENTITY_FIELD"
    ),
    to=later(_MASTERS, "to_customer"),
)
PRODUCT = Mapped(
    entity="product",
    columns=columns("code=ProductCode name=Name is_active=IsActive:flag"),
    to=later(_MASTERS, "to_product"),
)
PRICE = Mapped(
    entity="price",
    columns=columns(
        "product_id=Product2Id! currency=CurrencyIsoCode unit_price=UnitPrice:decimal is_active=IsActive:flag"
    ),
    to=later(_MASTERS, "to_price"),
)
CONTRACT = Mapped(
    entity="contract",
    columns=columns(
        "account_id=AccountId! status=Status starts_on=StartDate:day ends_on=EndDate:day term=ContractTerm:integer "
        "number=ContractNumber"
    ),
    to=later(_DOCUMENTS, "to_contract"),
)
DEAL = Mapped(
    entity="order",
    columns=columns(
        "account_id=AccountId contract_id=ContractId is_won=IsWon:flag is_closed=IsClosed:flag "
        "stage_changed_at=LastStageChangeDate:iso closes_on=CloseDate:day currency=CurrencyIsoCode "
        "amount=Amount:decimal uplift_on=@UPLIFT_DATE_FIELD:day uplift_percent=@UPLIFT_PERCENT_FIELD:decimal "
        "accepted_on=@ACCEPTANCE_FIELD:day discount_limit_percent=@DISCOUNT_LIMIT_FIELD:decimal "
        "ends_with=@COTERM_FIELD organisation_id=@ORGANISATION_FIELD"
    ),
    to=later(_DOCUMENTS, "to_deal"),
)
ORDER = Mapped(
    entity="order",
    columns=columns(
        "account_id=AccountId contract_id=ContractId opportunity_id=OpportunityId original_id=OriginalOrderId "
        "status=Status status_code=StatusCode activated_at=ActivatedDate:iso starts_on=EffectiveDate:day "
        "ends_on=EndDate:day currency=CurrencyIsoCode amount=TotalAmount:decimal number=OrderNumber "
        "follows_id=@AMENDS_FIELD"
    ),
    to=later(_DOCUMENTS, "to_order"),
)

_LINE = (
    "product_id=Product2Id quantity=Quantity:decimal unit_price=UnitPrice:decimal total_price=TotalPrice:decimal "
    "starts_on=ServiceDate:day currency=CurrencyIsoCode"
)
DEAL_LINE = Mapped(
    entity="order_line",
    columns=columns(f"order_id=OpportunityId! sku=ProductCode discount_percent=Discount:decimal {_LINE}"),
    to=later(_DOCUMENTS, "to_line"),
)
ORDER_LINE = Mapped(
    entity="order_line",
    columns=columns(f"order_id=OrderId! ends_on=EndDate:day {_LINE}"),
    to=later(_DOCUMENTS, "to_line"),
)
