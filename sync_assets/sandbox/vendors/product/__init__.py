"""A simulated product platform that speaks OpenMeter's API: ingested CloudEvents, meters, entitlements, customers.

Belongs here: OpenMeter's protocol as its documents, server and client describe it, over records the simulated company
puts. Start at `vendor` (the verbs), then `api` (the routes). Not spoken: grants, plans, subscriptions, billing.
"""

from sync_assets.sandbox.vendors.product.quirks import Quirks
from sync_assets.sandbox.vendors.product.vendor import Product

__all__ = ["Product", "Quirks"]
