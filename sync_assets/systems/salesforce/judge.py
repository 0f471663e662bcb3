"""What Salesforce means by a reply: error codes and the daily allowance. Pure decisions."""

import re
from collections.abc import Callable
from typing import Any

from sync_assets.http.reply import Reply
from sync_assets.http.retry import Again, Outcome, Refuse, Renew, judge_by_status, retry_after
from sync_assets.model.errors import ContractError, RetryLaterError, SyncError, UnreachableError

ALLOWANCE_SHARE = 0.95
"""Share of the org's daily requests at which reading stops: the rest is for people and for writes."""

HOUR_S = 3600.0
_USAGE = re.compile(r"(?<!app-)api-usage=(\d+)/(\d+)")
_COLUMN = re.compile(r"column '([^']+)'")

_SAID = 200
"""Signs of a message that a sentence of ours repeats: the last ones, since the first repeat the query."""


def judge(reply: Reply) -> Outcome:
    """What to do after a reply.

    Source: REST API Developer Guide, "Status Codes and Error Responses" and "Limit Info Header".
    """
    if 200 <= reply.status < 300:
        return _watch_allowance(reply)
    code, message = first_error(reply)
    if code in _TRANSIENT or reply.status == 406 or _is_crowded(code, message):
        return Again(after_s=retry_after(reply), because=code or "HTTP 406")
    if code == "INVALID_SESSION_ID" or reply.status == 401:
        return Renew()
    refused = _refused(reply, code, message)
    return Refuse(error=refused) if refused else judge_by_status(reply)


def _is_crowded(code: str, message: str) -> bool:
    """Whether too many long requests run at once, which passes; the daily allowance has the same code.

    Source: help article 000389067 ("ConcurrentRequests (Concurrent API Requests) Limit exceeded").
    """
    return code == "REQUEST_LIMIT_EXCEEDED" and message.startswith("Concurrent")


def _refused(reply: Reply, code: str, message: str) -> SyncError | None:
    """The error of a request that no second try can help, None when its status says all there is."""
    if code in _REFUSALS:
        return _REFUSALS[code](message)
    if code and reply.status == 400:
        return ContractError(f"Salesforce refuses a request: {code} ({message[-_SAID:]}).", reason="type")
    if reply.status == 404:
        settings = "SYNC_SALESFORCE_URL and SYNC_SALESFORCE_API_VERSION"
        return UnreachableError(f"Salesforce has no {reply.url.split('?')[0]}; check {settings}.")
    return None


def first_error(reply: Reply) -> tuple[str, str]:
    """The first error's code and message; empty texts when the body says nothing."""
    try:
        errors: Any = reply.json()
    except ContractError:
        return "", ""
    first = errors[0] if isinstance(errors, list) and errors else {}
    if not isinstance(first, dict):
        return "", ""
    message = " ".join(str(first.get("message", "")).split())
    return str(first.get("errorCode", "")), message


def field_missing(reply: Reply) -> str | None:
    """The field that the org does not have or show, when that is why it refuses a query.

    Source: REST API Developer Guide, "Status Codes and Error Responses"; the message quotes the query, names the column
    and goes on with advice.
    """
    code, message = first_error(reply)
    named = _COLUMN.search(message) if code == "INVALID_FIELD" else None
    return named[1] if named else None


def _watch_allowance(reply: Reply) -> Outcome:
    used = _USAGE.search(reply.headers.get("sforce-limit-info", ""))
    if used and int(used[1]) > ALLOWANCE_SHARE * int(used[2]):
        return Refuse(
            error=RetryLaterError(
                f"Salesforce: {used[1]} of {used[2]} requests of the last 24 hours are used; reading goes on later.",
                after_s=HOUR_S,
            )
        )
    return judge_by_status(reply)


def _allowance_spent(_message: str) -> SyncError:
    return RetryLaterError(
        "Salesforce: the daily requests of the org are used up; reading goes on later.", after_s=HOUR_S
    )


def _field_missing(message: str) -> SyncError:
    named = _COLUMN.search(message)
    field = named[1] if named else message[-_SAID:]
    return ContractError(
        f"Salesforce does not show the field {field}; give the integration user access to it.",
        reason="missing_field",
    )


def _object_missing(message: str) -> SyncError:
    named = re.search(r"sObject type '([^']+)'", message)
    return UnreachableError(
        f"Salesforce does not show {named[1] if named else 'an object'} to the integration user; "
        "give it View All Data, or name the object in SYNC_SALESFORCE_WITHOUT if the org does not use it."
    )


_TRANSIENT = frozenset({"UNKNOWN_EXCEPTION", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT"})
_REFUSALS: dict[str, Callable[[str], SyncError]] = {
    "REQUEST_LIMIT_EXCEEDED": _allowance_spent,
    "LIMIT_EXCEEDED": _allowance_spent,
    "INVALID_FIELD": _field_missing,
    "INVALID_TYPE": _object_missing,
}
