"""Oddities of Chargebee that a test or a scenario switches on; all off by default."""

from dataclasses import dataclass


@dataclass(kw_only=True)
class Quirks:
    """What this site does besides what its reference promises.

    Attributes:
        null_updated_at: every n-th record created carries no `updated_at` until it changes (1 = all, 0 = none), and is
            then dropped by every filter on `updated_at`. Source: PostHog/posthog#76090.
        stamp_skew_s: seconds added to the `updated_at` of every write: the vendor's clock is wrong.
        late_visible_s: seconds a write stays invisible to readers although stamped at once.
        repeat_stamps: changes leave `updated_at` and `resource_version` as they were.
        rate_limit: requests allowed per `rate_window_s` of real time; 0 = no limit.
        rate_window_s: length of the window of the rate limit in real seconds.
        line_items_inline: line items an invoice or credit note shows in a list and by default on retrieval.
        offsets_valid_s: seconds of sandbox time after which an offset is refused; 0 = never.
        ignore_unknown: unknown parameters are ignored instead of refused.
    """

    null_updated_at: int = 0
    stamp_skew_s: int = 0
    late_visible_s: float = 0.0
    repeat_stamps: bool = False
    rate_limit: int = 0
    rate_window_s: float = 60.0
    line_items_inline: int = 100
    offsets_valid_s: float = 0.0
    ignore_unknown: bool = False
