"""Twin of invoices that only the ERP has: the sale of something that billing does not sell."""

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.erp import Entry
from sync_assets.sandbox.company.happenings import last_paid
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.erp_only import write
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import the_customer


def sell_old_desks(company: Company, customer: Customer) -> None:
    """Accounting sells used furniture to a customer, without any item of the catalogue."""
    write(company, customer, Entry(account=ACCOUNTS["income"], minor=-25_000, memo="Used desks"))


twins(
    {
        "sold_past_billing": Oddity(
            note="an invoice of the ERP alone, for something that billing does not sell",
            pick=the_customer,
            wishes={},
            happening=sell_old_desks,
            ready=last_paid,
        )
    }
)
