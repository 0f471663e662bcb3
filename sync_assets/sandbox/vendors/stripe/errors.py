"""Stripe's error bodies.

Source: errors page of the API reference; wordings recorded from sandbox accounts in public repositories.
"""

from dataclasses import dataclass

from sync_assets.sandbox.wire import Reply

_NO_KEY = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or "
    "we can help at https://support.stripe.com/."
)

_RATE_LIMIT = "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits."

_LOCK = (
    "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. "
    "If you see this error intermittently, retry the request."
)

_USUAL: dict[int, tuple[str, str, str]] = {
    400: ("invalid_request_error", "", "The request was unacceptable."),
    401: ("invalid_request_error", "", _NO_KEY),
    402: ("card_error", "card_declined", "Your card was declined."),
    403: ("invalid_request_error", "", "The provided key does not have the required permissions for this endpoint."),
    404: ("invalid_request_error", "resource_missing", "No such object"),
    409: ("idempotency_error", "idempotency_key_in_use", "There is currently another in-progress request."),
    429: ("invalid_request_error", "rate_limit", _RATE_LIMIT),
    500: ("api_error", "", "An unknown error occurred."),
}


@dataclass(kw_only=True)
class RefusedError(Exception):
    """The account refuses the request; `reply` is what the client gets."""

    reply: Reply


def error_reply(status: int, code: str = "", *, message: str = "", param: str = "") -> Reply:
    """An error in the vendor's shape; attributes without a value are left out, as the vendor does.

    Args:
        status: HTTP status.
        code: error code; empty for the usual one of the status. `lock_timeout` is a locked object, not a limit.
        message: sentence of the error; empty for the usual one of the status.
        param: the parameter to blame.
    """
    kind, usual_code, usual_message = _USUAL.get(status, _USUAL[500 if status >= 500 else 400])
    code = code or ("" if message else usual_code)
    message = message or (_LOCK if code == "lock_timeout" else usual_message)
    error = {"code": code, "message": message, "param": param, "type": kind}
    if code:
        error["doc_url"] = "https://stripe.com/docs/error-codes/" + code.replace("_", "-")
    headers = {"WWW-Authenticate": 'Basic realm="Stripe"'} if status == 401 else {}
    if status == 429 and code != "lock_timeout":
        headers["Stripe-Rate-Limited-Reason"] = "global-rate"
    if status >= 500:
        headers["Stripe-Should-Retry"] = "true"
    return Reply.of({"error": {key: value for key, value in error.items() if value}}, status, headers)


def refuse(message: str, *, code: str = "", param: str = "", status: int = 400) -> RefusedError:
    """The error for a request that cannot be answered."""
    return RefusedError(reply=error_reply(status, code, message=message, param=param))


def refuse_missing(called: str, object_id: str, *, param: str, status: int = 400) -> RefusedError:
    """The error for an object that does not exist: 404 when the address names it, 400 when a parameter does."""
    return refuse(f"No such {called}: '{object_id}'", code="resource_missing", param=param, status=status)


def refuse_key(key: str) -> Reply:
    """The reply to a key that is not this account's, which it shows masked."""
    masked = key[:8] + "*" * max(len(key) - 12, 0) + key[-4:] if len(key) > 12 else "*" * len(key)
    return error_reply(401, message=f"Invalid API Key provided: {masked}")
