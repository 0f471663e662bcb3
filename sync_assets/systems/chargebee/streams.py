"""Chargebee's master data and subscriptions as data: how each is listed, and which fields become which entity."""

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Mapped, Stream, later

HERE = "sync_assets.systems.chargebee"
DOCUMENTS = "https://apidocs.chargebee.com/docs/api"

STATE = (
    "subscription_id=id status currency=currency_code resource_version:integer items=subscription_items:list "
    "updated_at:unix_s created_at:unix_s started_at:unix_s start_date:unix_s"
)
"""What is read of a state of a subscription, wherever it is found."""

CUSTOMERS = Stream(
    name="customers",
    key=("id",),
    document=f"{DOCUMENTS}/customers/list-customers",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    description="Who is billed: contact, currency, terms, and the CRM account it stands for.",
    read={
        "path": "customers",
        "name": "customer",
        "order": "created_at",
        "include_deleted": True,
        "gone": "customer_deleted",
    },
    mappings=(
        Mapped(
            entity="customer",
            columns=columns(
                "first_name last_name company email vat_number currency=preferred_currency_code deleted:flag "
                "net_term_days:integer crm_id=cf_salesforce_account_id@ACCOUNT_FIELD legal_entity=business_entity_id "
                "origin=cf_source@SOURCE_FIELD country=billing_address.country legal_name=billing_address.company "
                "street=billing_address.line1 city=billing_address.city postcode=billing_address.zip "
                "parent_id=relationship.parent_id"
            ),
            to=later(f"{HERE}.canonical", "to_customer"),
        ),
    ),
)

SUBSCRIPTIONS = Stream(
    name="subscriptions",
    key=("id",),
    document=f"{DOCUMENTS}/subscriptions/list-subscriptions",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    description="What each customer pays for, since when, how often; each state seen is also a version.",
    read={
        "path": "subscriptions",
        "name": "subscription",
        "order": "created_at",
        "include_deleted": True,
        "gone": "subscription_deleted",
    },
    mappings=(
        Mapped(
            entity="subscription",
            columns=columns(
                "customer_id! status! currency=currency_code! created_at:unix_s started_at:unix_s start_date:unix_s "
                "cancelled_at:unix_s term_starts_at=current_term_start:unix_s term_ends_at=current_term_end:unix_s "
                "next_billing_at:unix_s period=billing_period:integer period_unit=billing_period_unit mrr:integer "
                "at_contract_end=contract_term.action_at_term_end contract_end=contract_term.contract_end:unix_s "
                "contract_start=contract_term.contract_start:unix_s "
                "origin=cf_source@SOURCE_FIELD legal_entity=business_entity_id po_number "
                "crm_id=cf_salesforce_opportunity_id@ORDER_FIELD"
            ),
            to=later(f"{HERE}.canonical", "to_subscription"),
        ),
        Mapped(
            entity="subscription_item",
            each="subscription_items",
            columns=columns(
                "price_id=item_price_id! kind=item_type! quantity:integer "
                "quantity_exact=quantity_in_decimal:decimal unit_price:integer "
                "unit_price_exact=unit_price_in_decimal:decimal amount:integer currency=/currency_code!"
            ),
            to=later(f"{HERE}.canonical", "to_subscription_item"),
        ),
        Mapped(
            entity="subscription_version",
            columns=(*columns(STATE), *columns("occurred_at:unix_s")),
            to=later(f"{HERE}.canonical", "to_subscription_version"),
        ),
    ),
)

ITEMS = Stream(
    name="items",
    key=("id",),
    document=f"{DOCUMENTS}/items/list-items",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    description="What is sold: plans, add-ons and charges.",
    read={"path": "items", "name": "item", "order": "id", "gone": "item_deleted"},
    mappings=(
        Mapped(
            entity="product",
            columns=columns("name status! metered:flag"),
            to=later(f"{HERE}.canonical", "to_product"),
        ),
    ),
)

ITEM_PRICES = Stream(
    name="item_prices",
    key=("id",),
    document=f"{DOCUMENTS}/item_prices/list-item-prices",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    description="What an item costs, per currency and billing period.",
    read={"path": "item_prices", "name": "item_price", "order": "id", "gone": "item_price_deleted"},
    mappings=(
        Mapped(
            entity="price",
            columns=columns(
                "item_id! status pricing_model! currency=currency_code price:integer "
                "price_exact=price_in_decimal:decimal period:integer period_unit"
            ),
            to=later(f"{HERE}.canonical", "to_price"),
        ),
    ),
)
