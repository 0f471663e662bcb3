"""What each address of a Chargebee site answers: lists, single records, the site's configuration.

Source: resource pages of the API reference. `line_items_limit` (1 to 300, default 100) and `line_items_offset` page
the line items of one invoice or credit note; `line_items_next_offset` is an attribute of the record.
"""

import json
import re
from urllib.parse import unquote

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.chargebee.errors import error_reply, refuse_missing, refuse_parameter
from sync_assets.sandbox.vendors.chargebee.listing import read_listing
from sync_assets.sandbox.vendors.chargebee.quirks import Quirks
from sync_assets.sandbox.vendors.chargebee.resources import RESOURCES, Resource
from sync_assets.sandbox.vendors.chargebee.rows import Rows
from sync_assets.sandbox.wire import Reply, Request

_ADDRESS = re.compile(r"/api/v2/([a-z_]+)(?:/([^/]+))?(?:/([a-z_]+))?\Z")
_LINE_ITEMS_MAX = 300


def answer_document(request: Request, *, rows: Rows, quirks: Quirks, site: str) -> Reply:
    """The reply to an admitted request.

    Raises:
        RefusedError: the address, a parameter or a record is not there.
    """
    match = _ADDRESS.match(request.path)
    if match is None:
        raise refuse_missing()
    stream, record_id, part = match.groups()
    if stream == "configurations" and record_id is None:
        return _read_only(request) or Reply.of({"configurations": [_configuration(site)]})
    if stream == "subscriptions" and part == "usages" and record_id:
        return _read_only(request) or _usage(rows, unquote(record_id), request.arg("id"))
    if stream not in RESOURCES or part or (stream == "usages" and record_id):
        raise refuse_missing()
    resource = RESOURCES[stream]
    if record_id is None:
        return _read_only(request) or _list(request, resource, rows, quirks)
    return _read_only(request) or _one(request, resource, rows, unquote(record_id))


def _read_only(request: Request) -> Reply | None:
    return None if request.method == "GET" else error_reply(405)


def _configuration(site: str) -> Record:
    return {"domain": site, "product_catalog_version": "v2"}


def _list(request: Request, resource: Resource, rows: Rows, quirks: Quirks) -> Reply:
    listing = read_listing(resource, request.query, ignore_unknown=quirks.ignore_unknown)
    records, next_offset = rows.page(resource, listing, offsets_valid_s=quirks.offsets_valid_s)
    shown = [_shown(resource, _with_lines(record, 0, quirks.line_items_inline), rows) for record in records]
    return Reply.of({"list": shown} | ({"next_offset": next_offset} if next_offset else {}))


def _one(request: Request, resource: Resource, rows: Rows, record_id: str) -> Reply:
    record = rows.shelf.get(resource.stream, record_id)
    if record is None:
        raise refuse_missing(f"{record_id} not found")
    limit, start = 100, 0
    for name, text in request.query:
        if name == "line_items_limit" and "line_items" in record:
            limit = _line_limit(text)
        elif name == "line_items_offset" and "line_items" in record:
            start = _line_start(text)
        else:
            raise refuse_parameter(name, "is not a parameter of this operation", "param_not_supported")
    return Reply.of(_shown(resource, _with_lines(record, start, limit), rows))


def _shown(resource: Resource, record: Record, rows: Rows) -> Record:
    shown: Record = {resource.name: record}
    for key, (attribute, stream) in resource.beside.items():
        version = rows.shelf.latest(stream, record.get(attribute, ""))
        if version is not None:
            shown[key] = version.record
    return shown


def _with_lines(record: Record, start: int, limit: int) -> Record:
    lines = record.get("line_items", ())
    end = start + limit
    if start == 0 and len(lines) <= end:
        return record
    rest = {"line_items_next_offset": json.dumps([str(end)])} if len(lines) > end else {}
    return {**record, "line_items": lines[start:end], **rest}


def _line_limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= _LINE_ITEMS_MAX:
        raise refuse_parameter("line_items_limit", f"should be between 1 and {_LINE_ITEMS_MAX}")
    return int(text)


def _line_start(text: str) -> int:
    try:
        return int(json.loads(text)[0])
    except (ValueError, TypeError, IndexError, KeyError):
        raise refuse_parameter("line_items_offset", "invalid value") from None


def _usage(rows: Rows, subscription_id: str, usage_id: str) -> Reply:
    record = rows.shelf.get("usages", usage_id)
    if record is None or record.get("subscription_id") != subscription_id:
        raise refuse_missing(f"{usage_id} not found")
    return Reply.of({"usage": record})
