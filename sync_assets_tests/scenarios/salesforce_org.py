"""A small simulated Salesforce org: 45 of each business object, in pages of twenty."""

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets.sandbox.vendors.salesforce.quirks import Quirks

DEALS = 45
PAGE = 20


def org(clock: Clock) -> Salesforce:
    """An org with one product and 45 customers, each with a won deal, a contract and an order of one line."""
    vendor = Salesforce(clock=clock, seed=1)
    vendor.quirks = Quirks(batch_rows_max=PAGE)
    book = made(vendor, "pricebook2", Name="Standard", IsActive=True, IsStandard=True)
    plan = made(vendor, "product2", Name="Plan", ProductCode="PLAN", IsActive=True)
    price = made(vendor, "pricebook_entries", Pricebook2Id=book, Product2Id=plan, UnitPrice="10.00", IsActive=True)
    for number in range(DEALS):
        if number % 9 == 0:
            clock.advance(seconds=5)
        deal(vendor, number, price)
    clock.advance(minutes=1)
    return vendor


def made(vendor: Salesforce, stream: str, **fields: object) -> str:
    """The id of a new record."""
    record_id = vendor.new_id(stream)
    vendor.put(stream, {"Id": record_id, **fields})
    return record_id


def deal(vendor: Salesforce, number: int, price: str) -> None:
    """A customer with everything that follows from a won deal."""
    customer = made(vendor, "accounts", Name=f"Zürich Works {number}")
    won = made(
        vendor,
        "opportunities",
        AccountId=customer,
        Name="Deal",
        StageName="Closed Won",
        CloseDate="2026-04-01",
        Amount="120.00",
    )
    line = {"PricebookEntryId": price, "Quantity": 12, "UnitPrice": "10.00"}
    made(vendor, "opportunity_line_items", OpportunityId=won, **line)
    contract = made(
        vendor, "contracts", AccountId=customer, StartDate="2026-05-01", ContractTerm=12, Status="Activated"
    )
    placed = made(
        vendor,
        "orders",
        AccountId=customer,
        ContractId=contract,
        OpportunityId=won,
        EffectiveDate="2026-05-01",
        Status="Activated",
    )
    made(vendor, "order_items", OrderId=placed, **line)
