"""Chargebee as data: who it is, how it is talked to, and its streams."""

from sync_assets.connect.spec import System, audited_in
from sync_assets.systems.chargebee.lists import find
from sync_assets.systems.chargebee.login import open_client
from sync_assets.systems.chargebee.reads import clock, probe, read
from sync_assets.systems.chargebee.streams import CUSTOMERS, DOCUMENTS, ITEM_PRICES, ITEMS, SUBSCRIPTIONS
from sync_assets.systems.chargebee.streams_documents import CREDIT_NOTES, EVENTS, INVOICES, TRANSACTIONS, USAGES

SYSTEM = System(
    name="chargebee",
    role="billing",
    api_version="v2",
    document=DOCUMENTS,
    streams=(
        CUSTOMERS,
        SUBSCRIPTIONS,
        ITEMS,
        ITEM_PRICES,
        INVOICES,
        CREDIT_NOTES,
        TRANSACTIONS,
        USAGES,
        EVENTS,
    ),
    credentials=(("API_KEY",),),
    rate_per_minute=150,
    open=open_client,
    clock=clock,
    read=read,
    find=find,
    probe=probe,
    audit=audited_in("sync_assets.systems.chargebee.audit"),
    parallel=4,
)
"""150 requests a minute is what every plan and test site allows; `SYNC_CHARGEBEE_RATE` raises it.

Source: chargebee.com/docs/billing/2.0/kb/platform/what-are-the-chargebee-api-limits (Starter 150, Performance 1000,
Enterprise 3500 a minute).
"""
