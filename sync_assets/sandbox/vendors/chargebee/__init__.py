"""Chargebee, simulated: a Product Catalog 2.0 site with its lists, events, soft deletes and oddities, read only.

Belongs here: API v2 of one site. `site` is what others use; `resources` and `defaults` are the vendor's facts as data;
`filters`, `listing`, `documents` answer requests; `changes` names events.

Source: Chargebee API reference v2 (list operations, error handling, each resource's list page) and the parameters
that the `chargebee` client package 3.29 offers.
"""

from sync_assets.sandbox.vendors.chargebee.quirks import Quirks
from sync_assets.sandbox.vendors.chargebee.site import Chargebee

__all__ = ["Chargebee", "Quirks"]
