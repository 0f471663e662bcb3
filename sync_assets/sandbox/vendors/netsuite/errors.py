"""NetSuite's refusals, in its own JSON.

Belongs here: status, title and `o:errorDetails` of an error reply. Who refuses what is decided elsewhere.
Source: Oracle online help, Error Handling in REST Web Services; bodies seen by integrators against live accounts.
"""

from sync_assets.sandbox.wire import Reply

_SECTIONS = {
    400: ("Bad Request", "15.5.1"),
    401: ("Unauthorized", "15.5.2"),
    403: ("Forbidden", "15.5.4"),
    404: ("Not Found", "15.5.5"),
    405: ("Method Not Allowed", "15.5.6"),
    409: ("Conflict", "15.5.10"),
    429: ("Too Many Requests", "15.5"),
    500: ("Internal Server Error", "15.6.1"),
    503: ("Service Unavailable", "15.6.4"),
}

_DETAILS = {
    "INVALID_LOGIN": (
        "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at Setup > Users/Roles >"
        " User Management > View Login Audit Trail."
    ),
    "CONCURRENCY_LIMIT_EXCEEDED": "Concurrent request limit exceeded. Request blocked.",
    "SSS_REQUEST_LIMIT_EXCEEDED": "Request Limit Exceeded.",
    "INSUFFICIENT_PERMISSION": "Permission Violation: You need a higher level of permission to access this resource.",
    "NONEXISTENT_ID": "The record instance does not exist. Provide a valid record instance ID.",
    "UNEXPECTED_ERROR": "An unexpected error occurred. Error ID: sandbox",
}


def error(status: int, code: str, detail: str = "", **where: str) -> Reply:
    """An error reply; `where` names the place, e.g. `o_errorQueryParam="q"` or `o_errorPath=...`."""
    title, section = _SECTIONS.get(status, ("Internal Server Error", "15.6.1"))
    places = {key.replace("o_", "o:", 1): value for key, value in where.items()}
    entry = {"detail": detail or _DETAILS.get(code, title), **places, "o:errorCode": code}
    kind = f"https://www.rfc-editor.org/rfc/rfc9110.html#section-{section}"
    body = {"type": kind, "title": title, "status": status, "o:errorDetails": [entry]}
    headers = {"Content-Type": 'application/vnd.oracle.resource+json; type=error; charset="UTF-8"'}
    return Reply.of(body, status=status, headers=headers)


class RefusedError(Exception):
    """The request is refused with this reply."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def refuse(status: int, code: str, detail: str = "", **where: str) -> RefusedError:
    """The refusal to raise."""
    return RefusedError(error(status, code, detail, **where))


def bad_query(reason: str) -> RefusedError:
    """The refusal of a SuiteQL text, worded as NetSuite words it."""
    detail = f"Invalid search query. Detailed unprocessed description follows. {reason}"
    return refuse(400, "INVALID_PARAMETER", detail, o_errorQueryParam="q")
