"""Twins of master data: merges that billing follows, accounts closed in order, numbers that are only written apart."""

from datetime import timedelta

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.customers import link_of
from sync_assets.sandbox.company.happenings import active_subscription, leave
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.defects.masters import merge_away
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import the_customer


def merge_and_tell(company: Company, customer: Customer) -> None:
    """Two accounts are merged, and billing is told within the half hour."""
    winner = merge_away(company, customer)

    def follow() -> None:
        named = {"id": customer.billing_id, "cf_salesforce_account_id": link_of(winner, short=customer.short_ids)}
        company.systems.billing.put("customers", named)

    company.later(customer.rng, (300, 1800), follow)


def close_in_order(company: Company, customer: Customer) -> None:
    """The customer leaves, owes nothing, and the account is deleted days after the last term."""
    subscription = active_subscription(customer)
    if subscription is None:
        return
    leave(company, customer)

    def close() -> None:
        if subscription.deal is not None:
            subscription.deal.is_deleted = True
        company.systems.crm.delete("accounts", customer.account_id)

    company.agenda.at(subscription.term_end + timedelta(days=2), close)


def write_apart(company: Company, customer: Customer) -> None:
    """Somebody types the tax id with blanks and in lower case."""
    number = customer.profile.tax_id.lower()
    company.systems.crm.put("accounts", {"Id": customer.account_id, "Tax_Id__c": f"{number[:2]} {number[2:]}"})


twins(
    {
        "merged_and_told": Oddity(
            note="the account was merged away, and billing names the winner",
            pick=the_customer,
            wishes={},
            happening=merge_and_tell,
        ),
        "closed_in_order": Oddity(
            note="the account is deleted, but nothing runs and nothing is owed",
            pick=the_customer,
            wishes={},
            happening=close_in_order,
        ),
        "tax_id_written_apart": Oddity(
            note="one tax id, written with blanks in the CRM",
            pick=the_customer,
            wishes={},
            happening=write_apart,
        ),
    }
)
