"""Twins of doubles and catalogues: an item that nobody was ever invoiced for."""

from sync_assets.sandbox.company.catalogue import SUPPORT_ANNUAL
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import the_customer


def archive_an_item(company: Company, customer: Customer) -> None:
    """Billing keeps an old item that nobody sells and the ERP never had."""
    item_id = f"legacy-{customer.number}"
    item = {"id": item_id, "name": "Legacy support", "type": SUPPORT_ANNUAL.kind, "metered": False}
    company.systems.billing.put("items", {**item, "item_family_id": "fernway", "status": "active"})


twins(
    {
        "item_never_sold": Oddity(
            note="an item stands in billing's catalogue that the ERP does not know; nobody was invoiced for it",
            pick=the_customer,
            wishes={},
            happening=archive_an_item,
        ),
    }
)
