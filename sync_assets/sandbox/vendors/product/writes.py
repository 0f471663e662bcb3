"""Creating, replacing and deleting meters, features, customers and subjects over HTTP.

Source: client operations create, update, upsert and delete (201, 200, 204), models MeterCreate, FeatureCreateInputs,
CustomerCreate, SubjectUpsert; 409 where a key is taken.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import ProblemError, bad_request, not_found
from sync_assets.sandbox.vendors.product.resources import DELETED, key_of
from sync_assets.sandbox.wire import Reply, Request

_FIELDS: Mapping[str, tuple[str, ...]] = {
    stream: tuple(names.split())
    for stream, names in {
        "meters": "slug name description metadata aggregation eventType eventFrom valueProperty groupBy",
        "features": "key name metadata meterSlug meterGroupByFilters advancedMeterGroupByFilters",
        "customers": "name key description metadata usageAttribution primaryEmail currency billingAddress",
        "subjects": "key displayName metadata currentPeriodStart currentPeriodEnd stripeCustomerId",
    }.items()
}
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "meters": ("slug", "aggregation", "eventType"),
    "features": ("key", "name"),
    "customers": ("name",),
    "subjects": ("key",),
}


def create(platform: Platform, stream: str, request: Request) -> Record:
    """A new record.

    Raises:
        ProblemError: 400 for a body without what is required, 409 for a key that is taken.
    """
    given = _checked(stream, body_of(request))
    key = key_of(stream, given)
    if key and platform.resources.find(stream, key) is not None:
        raise ProblemError(409, f"{stream.removesuffix('s')} with key {key} already exists")
    return accepted(platform, stream, given)


def replace(platform: Platform, stream: str, id_or_key: str, request: Request) -> Record:
    """A record with every writable field replaced.

    Raises:
        ProblemError: 400 for a body without what is required, 404.
    """
    held = living(platform, stream, id_or_key)
    cleared = dict.fromkeys(_FIELDS[stream])
    sent = {**{name: held[name] for name in ("slug", "aggregation", "eventType") if name in held}, **body_of(request)}
    return accepted(platform, stream, {**cleared, **_checked(stream, sent), "id": held["id"]})


def upsert_subjects(platform: Platform, request: Request) -> list[Record]:
    """Subjects created or changed by their keys.

    Raises:
        ProblemError: 400 for a subject without key.
    """
    body = body_of(request)
    asked = body if isinstance(body, list) else [body]
    checked = [_checked("subjects", each) for each in asked]
    return [accepted(platform, "subjects", each) for each in checked]


def delete(platform: Platform, stream: str, id_or_key: str) -> Reply:
    """Delete a record softly.

    Raises:
        ProblemError: 404.
    """
    platform.resources.delete(stream, living(platform, stream, id_or_key)["id"])
    return Reply(status=204)


def living(platform: Platform, stream: str, id_or_key: str) -> Record:
    """A record that is not deleted.

    Raises:
        ProblemError: 404.
    """
    record = platform.resources.find(stream, id_or_key)
    if record is None or DELETED[stream] in record:
        raise not_found(stream.removesuffix("s"), id_or_key)
    return record


def body_of(request: Request) -> Any:
    """The JSON body, numbers exact.

    Raises:
        ProblemError: 400 where it is none.
    """
    try:
        return json.loads(request.body, parse_float=Decimal)
    except ValueError as wrong:
        raise bad_request(f"request body has an error: {wrong}") from wrong


def accepted(platform: Platform, stream: str, record: Record) -> Record:
    """A record taken in from a client.

    Raises:
        ProblemError: 400 for an instant that is none.
    """
    try:
        return platform.resources.put(stream, record)
    except ValueError as wrong:
        raise bad_request(f"request body has an error: {wrong}") from wrong


def _checked(stream: str, body: Any) -> Record:
    given = {name: body[name] for name in _FIELDS[stream] if name in body} if isinstance(body, dict) else {}
    missing = [name for name in _REQUIRED[stream] if not given.get(name)]
    if missing:
        raise bad_request(f'request body has an error: property "{missing[0]}" is missing')
    return given
