"""Salesforce's two error shapes: the array of the data API and the object of the token endpoint.

Source: REST API Developer Guide, status codes and error responses; OAuth 2.0 error codes.
"""

from sync_assets.sandbox.wire import Reply


class RefusalError(Exception):
    """The org refuses a request."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.fields = status, code, message, fields

    def reply(self) -> Reply:
        """The array of errors the data API answers."""
        return refusal(self.status, self.code, self.message, self.fields)


class TokenRefusalError(Exception):
    """The token endpoint refuses a login."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error, self.description = error, description

    def reply(self) -> Reply:
        """The object the token endpoint answers, always with status 400."""
        return Reply.of({"error": self.error, "error_description": self.description}, status=400)


def refusal(status: int, code: str, message: str, fields: tuple[str, ...] = ()) -> Reply:
    """The data API's error body: a list with one error."""
    entry: dict[str, object] = {"message": message, "errorCode": code}
    if fields:
        entry["fields"] = list(fields)
    return Reply.of([entry], status=status, headers={"Content-Type": "application/json;charset=UTF-8"})


def not_found() -> RefusalError:
    """No such path or record."""
    return RefusalError(404, "NOT_FOUND", "The requested resource does not exist")


def malformed(message: str) -> RefusalError:
    """A query that is no SOQL."""
    return RefusalError(400, "MALFORMED_QUERY", message)


def invalid_field(message: str) -> RefusalError:
    """A query that names a column which is not there, or compares it with the wrong kind of value."""
    return RefusalError(400, "INVALID_FIELD", message)


def no_such_column(field: str, entity: str) -> RefusalError:
    """The message of a column that is absent, or hidden from the integration user by field level security."""
    return invalid_field(
        f"No such column '{field}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append"
        " the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate"
        " names."
    )


def no_such_object(name: str) -> RefusalError:
    """The message of an object that is absent or hidden."""
    return RefusalError(
        400,
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the"
        " '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
    )
