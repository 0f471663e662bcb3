"""The platform's refusals: RFC 7807 problems as `application/problem+json`.

Source: OpenMeter pkg/models/problem.go; client models *ProblemResponse (type, title, status, detail, instance).
"""

from http import HTTPStatus

from sync_assets.sandbox.wire import Reply


class ProblemError(Exception):
    """The platform refuses a request."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail

    def reply(self) -> Reply:
        """The problem as the client reads it."""
        return problem(self.status, self.detail)


def problem(status: int, detail: str) -> Reply:
    """A problem body for a status."""
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    payload = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": "urn:request:sandbox",
    }
    return Reply.of(payload, status=status, headers={"Content-Type": "application/problem+json"})


def bad_request(detail: str) -> ProblemError:
    """A parameter or body the platform does not accept."""
    return ProblemError(400, detail)


def not_found(what: str, name: str) -> ProblemError:
    """No such record."""
    return ProblemError(404, f"{what} not found: {name}")
