"""How a client of a Chargebee site is opened, and what its errors mean."""

from collections.abc import Callable

from sync_assets.connect.settings import Settings
from sync_assets.http.auth import Basic, refused
from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.http.retry import Again, Outcome, Refuse, judge_by_status, retry_after
from sync_assets.model.errors import UnreachableError
from sync_assets.systems.chargebee.lists import refusal

LIMIT_RESETS_S = 12.0
"""Seconds between two tries at a site over its limit: all tries together outlast the minute in which limits reset.

Source: chargebee.com/docs/billing/2.0/kb/platform/what-are-the-chargebee-api-limits ("no more requests are served until
the limit resets (in approximately a minute)").
"""

_BUSY = {409: (None, "another operation holds the resource"), 429: (LIMIT_RESETS_S, "rate limit")}


def open_client(settings: Settings, budget: Callable[[], None]) -> Client:
    """A client that signs with the API key; no request is sent.

    Source: apidocs.chargebee.com/docs/api (authentication): Basic, the key as user name, an empty password.
    """
    return Client(
        system="chargebee",
        base_url=settings.url.removesuffix("/api/v2"),
        auth=Basic(username=settings["API_KEY"]),
        judge=judge,
        headers={"Accept": "application/json"},
        budget=budget,
    )


def judge(reply: Reply) -> Outcome:
    """What to do after a reply.

    Source: apidocs.chargebee.com/docs/api/error-handling: 401 api_authentication_failed, 403
    api_authorization_failed, 404 site or resource not found, 409 another operation holds the resource, 429
    api_request_limit_exceeded, 500 and 503 temporary; every other 4xx is a request of ours. The client libraries read
    a Retry-After beside the 429, which no page promises.
    """
    where = reply.url.split("?")[0]
    match reply.status:
        case 401:
            return Refuse(error=refused("chargebee", "SYNC_CHARGEBEE_API_KEY"))
        case 403:
            return Refuse(error=UnreachableError(f"SYNC_CHARGEBEE_API_KEY may not read {where}; give it read access."))
        case 404:
            return Refuse(error=UnreachableError(f"There is no {where}; check SYNC_CHARGEBEE_URL."))
        case 409 | 429 as status:
            after_s, because = _BUSY[status]
            return Again(after_s=retry_after(reply) or after_s, because=because)
        case status if 400 <= status < 500 and status not in (408, 425):
            return Refuse(error=refusal(reply))
        case _:
            return judge_by_status(reply)
