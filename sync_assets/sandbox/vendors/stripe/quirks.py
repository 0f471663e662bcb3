"""Oddities of Stripe that a test or a scenario switches on; all off by default."""

from dataclasses import dataclass

from sync_assets.sandbox.vendors.stripe.versions import CURRENT_VERSION


@dataclass(kw_only=True)
class Quirks:
    """What this account does besides what the reference promises.

    Attributes:
        account_version: API version of requests that name none.
        event_version: API version in which events are rendered from now on, older shapes included.
        late_visible_s: seconds a write stays invisible to readers although created at once.
        webhooks_fail: deliveries of the events written from now on fail, so `delivery_success` is false for them.
        rate_limit: requests allowed per `rate_window_s` of real time; 0 = no limit.
        rate_window_s: length of the window of the rate limit in real seconds.
        retention_days: age in days from which events are no longer shown.
    """

    account_version: str = CURRENT_VERSION
    event_version: str = CURRENT_VERSION
    late_visible_s: float = 0.0
    webhooks_fail: bool = False
    rate_limit: int = 0
    rate_window_s: float = 1.0
    retention_days: int = 30
