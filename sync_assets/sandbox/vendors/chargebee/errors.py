"""Chargebee's error bodies.

Source: error handling page of the API reference; bodies recorded from the vendor by airbytehq (MIT), see the tests.
"""

from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.wire import Reply

_TOO_MANY = (
    "Sorry, access has been blocked temporarily due to request count exceeding acceptable limits. "
    "Please try after some time."
)

_MESSAGES: dict[int, tuple[str, str]] = {
    400: ("invalid_request", "Sorry, the request is invalid."),
    401: ("api_authentication_failed", "Sorry, authentication failed. Invalid api key"),
    403: ("api_authorization_failed", "Sorry, authorization failed. The key does not have the required permissions."),
    404: ("resource_not_found", "Sorry, Resource not found."),
    405: ("http_method_not_supported", "Sorry, this HTTP method is not supported for the resource."),
    409: ("invalid_state_for_request", "Sorry, the resource is being changed by another request."),
    429: ("api_request_limit_exceeded", _TOO_MANY),
    500: ("internal_error", "Sorry,Something went wrong when trying to process the request."),
    503: ("internal_temporary_error", "Sorry, the service is temporarily unavailable. Please try after some time."),
}


@dataclass(kw_only=True)
class RefusedError(Exception):
    """The site refuses the request; `reply` is what the client gets."""

    reply: Reply


def error_reply(
    status: int, code: str = "", *, message: str = "", detail: dict[str, Any] | None = None, wait_s: int = 0
) -> Reply:
    """An error in the vendor's shape.

    Args:
        status: HTTP status.
        code: `api_error_code`; empty for the usual one of the status.
        message: sentence of the error; empty for the usual one of the status.
        detail: further attributes such as `type`, `param`, or a finer `error_code`.
        wait_s: seconds for a `Retry-After` header; 0 leaves it out.
    """
    usual_code, usual_message = _MESSAGES.get(status, _MESSAGES[500 if status >= 500 else 400])
    code, message = code or usual_code, message or usual_message
    body: dict[str, Any] = {"message": message}
    if status in (400, 404):
        body["type"] = "invalid_request"
    body |= {"api_error_code": code, "error_code": code, "error_msg": message, "http_status_code": status}
    return Reply.of(body | (detail or {}), status, {"Retry-After": str(wait_s)} if wait_s else None)


def refuse_parameter(name: str, reason: str, code: str = "param_wrong_value") -> RefusedError:
    """The error for a parameter the site does not take."""
    detail = {"param": name, "error_param": name, "error_msg": reason}
    return RefusedError(reply=error_reply(400, code, message=f"{name} : {reason}", detail=detail))


def refuse_missing(message: str = "") -> RefusedError:
    """The error for a record or an address that does not exist."""
    return RefusedError(reply=error_reply(404, message=message))
