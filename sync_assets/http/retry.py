"""What to do after a reply or a failed send: pure decisions, no waiting. One retry layer for the whole product."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeAlias

from sync_assets.http.reply import Reply
from sync_assets.model.errors import SyncError, UnreachableError

WAIT_MIN_S, WAIT_MAX_S = 1.0, 900.0
"""A vendor's Retry-After is obeyed within these bounds: never at once, never longer than a run may hang."""

BACKOFF_FIRST_S, BACKOFF_MAX_S = 0.5, 60.0


@dataclass(frozen=True, kw_only=True)
class Accept:
    """The reply is an answer."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """Send again; after the vendor's own delay when it named one, else after a random growing one."""

    after_s: float | None = None
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Renew:
    """The token is no longer good: log in once more, then send again."""


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """No second try can help."""

    error: SyncError


Outcome: TypeAlias = Accept | Again | Renew | Refuse
Judge: TypeAlias = Callable[[Reply], Outcome]

_TRANSIENT = frozenset({408, 409, 420, 425})
"""Refusals that pass: a conflict is with another request under way, as we only read. Source: RFC 9110, 15.5.10."""

_LASTING = frozenset({501, 505})
"""Failures of a server that will not pass: it does not know the method, or our version of HTTP. All others may, those
of gateways that no standard lists too. Source: RFC 9110 sections 15.6.2, 15.6.6."""


def judge_by_status(reply: Reply) -> Outcome:
    """The decision that HTTP alone allows; a system's own judge looks at its error bodies first, then asks this."""
    if 200 <= reply.status < 300:
        return Accept()
    if reply.status == 429:
        return Again(after_s=retry_after(reply), because="rate limit")
    if reply.status in _TRANSIENT or (reply.status >= 500 and reply.status not in _LASTING):
        return Again(after_s=retry_after(reply), because=f"HTTP {reply.status}")
    if reply.status == 401:
        return Renew()
    return Refuse(error=UnreachableError(f"{_place(reply)} answered HTTP {reply.status}{_hint(reply.status)}"))


def retry_after(reply: Reply, now: datetime | None = None) -> float | None:
    """Seconds to wait that the vendor asked for, within bounds; None when it named none that can be read.

    Source: RFC 9110 section 10.2.3 (delay-seconds or HTTP-date).
    """
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        seconds = float(text[:9])
    else:
        try:
            until = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        seconds = (until - (now or reply.date or datetime.now(UTC))).total_seconds()
    return min(max(seconds, WAIT_MIN_S), WAIT_MAX_S)


def backoff_s(attempt: int) -> float:
    """A random delay that doubles its ceiling with each attempt (full jitter), in seconds."""
    ceiling = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2**attempt)
    return random.uniform(ceiling / 4, ceiling)


def _place(reply: Reply) -> str:
    return reply.url.split("?")[0]


def _hint(status: int) -> str:
    hints = {
        301: "; redirects are not followed, set the final address",
        302: "; redirects are not followed, set the final address",
        307: "; redirects are not followed, set the final address",
        308: "; redirects are not followed, set the final address",
        403: "; the user behind these credentials lacks a permission",
        404: "; check the base URL",
        410: "; this API version has been retired",
    }
    return hints.get(status, "") + "."
