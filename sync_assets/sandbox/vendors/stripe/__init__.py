"""Stripe, simulated: one account in test mode with its lists, its event feed and its oddities, read only.

Belongs here: the v1 API of one account. `account` is what others use; `resources`, `defaults` and `versions` are the
vendor's facts as data; `parameters`, `rows`, `expansion` and `documents` answer requests; `changes` names events.

Source: Stripe API reference (pagination, expand, errors, versioning, events), the parameters that the `stripe` client
package 16.1 offers, and refusals recorded from a sandbox account in public repositories.
"""

from sync_assets.sandbox.vendors.stripe.account import Stripe
from sync_assets.sandbox.vendors.stripe.quirks import Quirks

__all__ = ["Quirks", "Stripe"]
