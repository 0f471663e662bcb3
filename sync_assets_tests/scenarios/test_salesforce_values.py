"""What Salesforce says, as copies: hand-written numbers through HTTP, the store and the mappings."""

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.salesforce_org import made


def test_customers_catalogue_deals_contracts_and_orders_have_the_values_that_were_typed_in(play: Play) -> None:
    ids: dict[str, str] = {}

    def org(clock: Clock) -> Salesforce:
        vendor = Salesforce(clock=clock, seed=2)
        ids["customer"] = made(
            vendor,
            "accounts",
            Name="Café Ōsaka",
            Website="https://www.Example.com/shop?x=1",
            BillingCountry="JP",
            CurrencyIsoCode="JPY",
            Tax_Id__c="T7",
            Legal_Entity__c="jp",
        )
        book = made(vendor, "pricebook2", Name="Standard", IsActive=True, IsStandard=True)
        ids["product"] = made(vendor, "product2", Name="Seat", ProductCode="SEAT", IsActive=False)
        ids["price"] = made(
            vendor,
            "pricebook_entries",
            Pricebook2Id=book,
            Product2Id=ids["product"],
            UnitPrice="1500",
            CurrencyIsoCode="JPY",
            IsActive=True,
        )
        ids["contract"] = made(
            vendor, "contracts", AccountId=ids["customer"], StartDate="2026-01-31", ContractTerm=1, Status="Activated"
        )
        ids["deal"] = made(
            vendor,
            "opportunities",
            AccountId=ids["customer"],
            Name="Deal",
            StageName="Closed Won",
            CloseDate="2026-02-28",
            Amount="13500",
            CurrencyIsoCode="JPY",
        )
        ids["line"] = made(
            vendor,
            "opportunity_line_items",
            OpportunityId=ids["deal"],
            PricebookEntryId=ids["price"],
            Quantity=10,
            UnitPrice="1500",
            Discount=10,
        )
        ids["order"] = made(
            vendor,
            "orders",
            AccountId=ids["customer"],
            ContractId=ids["contract"],
            OpportunityId=ids["deal"],
            EffectiveDate="2026-03-01",
            EndDate="2027-02-28",
            Status="Activated",
            TotalAmount="13500",
            CurrencyIsoCode="JPY",
        )
        clock.advance(minutes=1)
        return vendor

    scene = play(org)
    scene.read()
    scene.conform()
    customer = scene.copy("customer", ids["customer"])
    assert (
        customer["name"],
        customer["domain"],
        customer["country"],
        customer["currency"],
        customer["legal_entity"],
    ) == (
        "Café Ōsaka",
        "example.com",
        "JP",
        "JPY",
        "jp",
    )
    product = scene.copy("product", ids["product"])
    assert (product["sku"], product["status"]) == ("SEAT", "archived")
    price = scene.copy("price", ids["price"])
    assert (price["product_id"], price["unit_price"], price["currency"]) == (ids["product"], "1500", "JPY")
    contract = scene.copy("contract", ids["contract"])
    # One month from 31 January runs until the day before 28 February.
    assert (contract["starts_on"], contract["ends_on"]) == ("2026-01-31", "2026-02-27")
    deal = scene.copy("order", ids["deal"])
    # The yen has no minor unit: 13,500 yen are 13,500.
    assert (deal["kind"], deal["status"], deal["won_on"], deal["amount_minor"]) == (
        "deal",
        "won",
        "2026-02-28",
        "13500",
    )
    line = scene.copy("order_line", ids["line"])
    # 10 x 1,500 less 10 % = 13,500
    assert (line["quantity"], line["unit_price"], line["discount_percent"], line["amount_minor"]) == (
        "10",
        "1500",
        "10",
        "13500",
    )
    order = scene.copy("order", ids["order"])
    assert (order["kind"], order["deal_id"], order["contract_id"]) == ("order", ids["deal"], ids["contract"])
    assert (order["starts_on"], order["ends_on"], order["amount_minor"]) == ("2026-03-01", "2027-02-28", "13500")
