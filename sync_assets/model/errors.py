"""Everything that can go wrong, classed by its consequence. The docstring of an error is its default sentence.

SyncError
|- SettingError        a setting is missing or wrong: exit code 2, the sentence names the setting
|- UnreachableError    a system or the database cannot be reached or refuses the login
|- NoReplyError        one request got no whole reply: send it again
|- RetryLaterError     try again after some seconds: nothing moved, nothing lost
|- RejectError         one record cannot be read: it becomes a dead letter, the rest goes on
|- ContractError       a page or a reply cannot be trusted: no cursor moves
|- FeedExpiredError    a change feed no longer reaches back to our mark: read everything again
|- PlaceLostError      a stored place of a list is refused for good: begin the list again
|- FencedError         another run took over this stream: stop without writing
"""

from sync_assets.model.reasons import REASONS
from sync_assets.model.secrecy import without_credentials


class SyncError(Exception):
    """Something went wrong; the sentence says what and what to do.

    Sentences quote systems, which may quote our requests, and end in reports and logs: no credential passes.
    """

    def __init__(self, sentence: str = "") -> None:
        super().__init__(without_credentials(sentence) or (type(self).__doc__ or "").strip())


class SettingError(SyncError):
    """A setting is missing or wrong."""


class UnreachableError(SyncError):
    """The system cannot be reached or refuses the login; check its URL and credentials with `sync-assets doctor`."""


class NoReplyError(SyncError):
    """A request got no whole reply; `because` is the kind of trouble, without its URL."""

    def __init__(self, because: str) -> None:
        super().__init__()
        self.because = because


class RetryLaterError(SyncError):
    """The system asks to come back later; the next run continues where this one stopped."""

    def __init__(self, sentence: str = "", *, after_s: float = 60.0) -> None:
        super().__init__(sentence)
        self.after_s = after_s


class RejectError(SyncError):
    """The record cannot be read."""

    def __init__(self, reason: str, field: str = "") -> None:
        if reason not in REASONS:
            raise ValueError(f"{reason!r} is not a dead-letter reason; add it to model/reasons.py with a runbook.")
        super().__init__(f"{reason}: {field}" if field else reason)
        self.reason = reason
        self.field = field


class ContractError(SyncError):
    """The reply breaks the vendor's own contract; no cursor moved, the next run reads it again."""

    def __init__(self, sentence: str = "", *, reason: str = "not_json") -> None:
        super().__init__(sentence)
        self.reason = reason


class FeedExpiredError(SyncError):
    """The change feed no longer reaches back to where we stopped; the stream is read again in full."""


class PlaceLostError(SyncError):
    """The place where the last run stopped is refused; the list is read again from its beginning."""


class FencedError(SyncError):
    """Another run has taken over this stream; this one stopped without writing."""
