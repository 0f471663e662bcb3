"""One row by its id: read, created, changed, deleted.

Source: REST API Developer Guide, sObject Rows and sObject Basic Information (201 with id, 204 without a body, 404
NOT_FOUND and ENTITY_IS_DELETED).
"""

import json
from decimal import Decimal
from typing import Any

from sync_assets.sandbox.shelf import Record, Version
from sync_assets.sandbox.vendors.salesforce.columns import find_column, visible_fields
from sync_assets.sandbox.vendors.salesforce.errors import RefusalError, no_such_column, not_found
from sync_assets.sandbox.vendors.salesforce.ids import looks_like_id, to_18
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.render import row_writer
from sync_assets.sandbox.vendors.salesforce.schema import COMMON, SObject, columns
from sync_assets.sandbox.wire import Reply, Request

_READ_ONLY = frozenset(columns(COMMON)) | {"MasterRecordId", "BillingAddress"}
_JSON = {"Content-Type": "application/json;charset=UTF-8"}


def fetch(org: Org, sobject: SObject, record_id: str, request: Request, version: str) -> Reply:
    """One row with all columns the integration user may see, or those named by `fields`.

    Raises:
        RefusalError: NOT_FOUND, ENTITY_IS_DELETED, INVALID_FIELD.
    """
    row = _live(org, sobject, record_id).record
    names = [name for name in request.arg("fields").split(",") if name.strip()]
    names = names or [column.name for column in visible_fields(org, sobject)]
    found = [find_column(org, sobject, tuple(name.strip().split("."))) for name in names]
    text = row_writer(org, sobject, found, version)(row)
    return Reply(body=text.encode("utf-8", "surrogatepass"), headers=_JSON)


def create(org: Org, sobject: SObject, request: Request) -> Reply:
    """A new row.

    Raises:
        RefusalError: JSON_PARSER_ERROR, INVALID_FIELD, INVALID_FIELD_FOR_INSERT_UPDATE.
    """
    record_id = org.new_id(sobject.stream)
    _put(org, sobject, {**_given(org, sobject, request), "Id": record_id})
    return Reply.of({"id": record_id, "success": True, "errors": []}, status=201)


def change(org: Org, sobject: SObject, record_id: str, request: Request) -> Reply:
    """Change the columns given.

    Raises:
        RefusalError: NOT_FOUND, ENTITY_IS_DELETED, INVALID_FIELD.
    """
    held = _live(org, sobject, record_id).record_id
    _put(org, sobject, {**_given(org, sobject, request), "Id": held})
    return Reply(status=204)


def delete(org: Org, sobject: SObject, record_id: str) -> Reply:
    """Move a row to the recycle bin.

    Raises:
        RefusalError: NOT_FOUND, ENTITY_IS_DELETED.
    """
    org.delete(sobject.stream, _live(org, sobject, record_id).record_id)
    return Reply(status=204)


def _live(org: Org, sobject: SObject, record_id: str) -> Version:
    rows = org.settle(sobject.stream)
    version = rows.get(to_18(record_id)) if looks_like_id(record_id) else None
    if version is None or version.record_id in org.quirks.hidden_ids:
        raise not_found()
    if version.deleted:
        raise RefusalError(404, "ENTITY_IS_DELETED", "entity is deleted")
    return version


def _given(org: Org, sobject: SObject, request: Request) -> Record:
    try:
        body: Any = json.loads(request.body, parse_float=Decimal)
    except ValueError as wrong:
        raise RefusalError(400, "JSON_PARSER_ERROR", f"Unexpected character: {wrong}") from wrong
    if not isinstance(body, dict):
        raise RefusalError(400, "JSON_PARSER_ERROR", "The body is no JSON object")
    body.pop("attributes", None)
    visible = {column.name for column in visible_fields(org, sobject)}
    for name in body:
        if name == "Id":
            message = "The Id field should not be specified in the sobject data."
            raise RefusalError(400, "INVALID_FIELD", message)
        if name not in visible:
            raise no_such_column(name, sobject.name)
    unwritable = tuple(name for name in body if name in _READ_ONLY)
    if unwritable:
        message = f"Unable to create/update fields: {', '.join(unwritable)}. Please check the security settings"
        raise RefusalError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, unwritable)
    return body


def _put(org: Org, sobject: SObject, record: Record) -> None:
    try:
        org.put(sobject.stream, record)
    except (TypeError, ValueError, ArithmeticError) as wrong:
        raise RefusalError(400, "JSON_PARSER_ERROR", f"Cannot deserialize a value: {wrong}") from wrong
