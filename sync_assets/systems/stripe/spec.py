"""Stripe as data: who it is, how it is talked to, and its streams."""

from sync_assets.connect.spec import System, audited_in
from sync_assets.systems.stripe.login import API_VERSION, open_client
from sync_assets.systems.stripe.reads import clock, find, probe, read
from sync_assets.systems.stripe.streams import DOCUMENTS, STREAMS

SYSTEM = System(
    name="stripe",
    role="payments",
    api_version=API_VERSION,
    document=DOCUMENTS,
    streams=STREAMS,
    credentials=(("API_KEY",),),
    optional={"URL": "https://api.stripe.com", "API_VERSION": API_VERSION},
    rate_per_minute=1500,
    open=open_client,
    clock=clock,
    read=read,
    find=find,
    probe=probe,
    audit=audited_in("sync_assets.systems.stripe.audit"),
    parallel=4,
)
"""1500 requests a minute, 25 a second, is what a sandbox and any one endpoint allow.

Source: docs.stripe.com/rate-limits (100 a second in live mode over all endpoints); `SYNC_STRIPE_RATE` raises it.
"""
