"""How a client of Stripe is opened, and what its errors mean."""

from collections.abc import Callable
from typing import Any

from sync_assets.connect.settings import Settings
from sync_assets.http.auth import Bearer, refused
from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.http.retry import Again, Outcome, Refuse, judge_by_status, retry_after
from sync_assets.model.errors import ContractError, RetryLaterError, UnreachableError

API_VERSION = "2026-10-28.endive"
"""The version whose fields the mappings were written against. Source: docs.stripe.com/api/versioning, stripe 16.1.0."""


def open_client(settings: Settings, budget: Callable[[], None]) -> Client:
    """A client that signs with the key and pins the API version; no request is sent.

    Source: docs.stripe.com/api/authentication, docs.stripe.com/api/versioning.
    """
    return Client(
        system="stripe",
        base_url=settings.url.removesuffix("/v1"),
        auth=Bearer(token=settings["API_KEY"]),
        judge=judge,
        headers={"Stripe-Version": settings.get("API_VERSION", API_VERSION), "Accept": "application/json"},
        budget=budget,
    )


def said(reply: Reply) -> dict[str, Any]:
    """The `error` of a reply; empty when it has none. Source: docs.stripe.com/api/errors."""
    try:
        error = reply.json().get("error")
    except (ContractError, AttributeError):
        return {}
    return error if isinstance(error, dict) else {}


def judge(reply: Reply) -> Outcome:
    """What to do after a reply.

    Of what may pass, `Stripe-Should-Retry` decides whether it is asked for again, as in Stripe's own clients. Rate
    limits are 429 (400 in old versions), with code `lock_timeout` when an object is held; 409 is a conflict with a
    request under way.

    Source: docs.stripe.com/rate-limits, docs.stripe.com/api/errors, docs.stripe.com/error-low-level; stripe 16.1.0
    (`_should_retry`: the header before the status).
    """
    if 200 <= reply.status < 300:
        return judge_by_status(reply)
    should_retry = reply.headers.get("stripe-should-retry")
    is_busy = reply.status in (409, 429) or said(reply).get("code") in ("rate_limit", "lock_timeout")
    if should_retry == "false" and (is_busy or reply.status >= 500):
        later = f"Stripe failed (HTTP {reply.status}) and asks not to be asked again now."
        return Refuse(error=RetryLaterError(later))
    if should_retry == "true" or is_busy:
        reason = reply.headers.get("stripe-rate-limited-reason") or f"HTTP {reply.status}"
        return Again(after_s=retry_after(reply), because=reason)
    return _refusal(reply) if 400 <= reply.status < 500 else judge_by_status(reply)


def _refusal(reply: Reply) -> Outcome:
    """The error of a request that Stripe will not answer, with its code and no value of ours."""
    where, error = reply.url.split("?")[0], said(reply)
    match reply.status:
        case 401:
            return Refuse(error=refused("stripe", "SYNC_STRIPE_API_KEY"))
        case 403:
            return Refuse(error=UnreachableError(f"SYNC_STRIPE_API_KEY may not read {where}; give it read access."))
        case 404 if not error:
            return Refuse(error=UnreachableError(f"There is no {where}; check SYNC_STRIPE_URL."))
        case 408 | 425:
            return judge_by_status(reply)
        case _:
            code = error.get("code") or error.get("type")
            param = error.get("param") or ""
            return Refuse(error=ContractError(f"Stripe refused {where}: {code} {param}".rstrip() + "."))
