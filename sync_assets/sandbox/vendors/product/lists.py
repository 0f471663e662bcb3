"""The lists and single records of meters, features, customers, subjects and entitlements.

Belongs here: which filters, orders and pages each list takes, and how a record of it is written.
Source: client operations meters, features, customers, subjects, entitlements and entitlements_v2 (list, get).
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.product import entitlements
from sync_assets.sandbox.vendors.product.customers import subjects_of
from sync_assets.sandbox.vendors.product.pages import Page, by_either, by_number, flag, order, several
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import bad_request, not_found
from sync_assets.sandbox.vendors.product.values import answer
from sync_assets.sandbox.wire import Reply, Request


def meters(platform: Platform, request: Request) -> Reply:
    """A plain list of one page."""
    names = {"key": "slug"}
    found = _ordered(platform, request, "meters", ("key", "name", "aggregation", "createdAt", "updatedAt"), names)
    return answer(list(by_number(request).slice(found)))


def features(platform: Platform, request: Request) -> Reply:
    """A plain list, or a page where the client asks by number."""
    found = _ordered(platform, request, "features", ("createdAt", "updatedAt", "id", "key", "name"))
    slugs = several(request, "meterSlug")
    return _either(request, [each for each in found if each.get("meterSlug") in slugs] if slugs else found)


def customers(platform: Platform, request: Request) -> Reply:
    """A page; key, name, primaryEmail and subject match parts of a text, whatever its case."""
    found = _ordered(platform, request, "customers", ("createdAt", "id", "name"))
    for name in ("key", "name", "primaryEmail", "subject"):
        part = request.arg(name).casefold()
        if part:
            found = [each for each in found if any(part in text.casefold() for text in _texts(each, name))]
    page = by_number(request)
    return answer(page.numbered(page.slice(found), len(found)))


def subjects(platform: Platform, _request: Request) -> Reply:
    """Every living subject in one plain list."""
    return answer(platform.resources.settled("subjects").ordered("createdAt", with_deleted=False))


def entitlements_v1(platform: Platform, request: Request) -> Reply:
    """A plain list, or a page where the client asks by number, each with its subject."""
    found = _entitlements(platform, request)
    wanted = several(request, "subject")
    found = [each for each in found if each["subjectKey"] in wanted] if wanted else found
    now = platform.now()
    return _either(request, found, lambda record: entitlements.v1(record, now))


def entitlements_v2(platform: Platform, request: Request) -> Reply:
    """A page of the entitlements whose subject belongs to a customer, each with that customer."""
    keys, ids = several(request, "customerKeys"), several(request, "customerIds")
    now = platform.now()
    found = []
    for record in _entitlements(platform, request):
        customer = platform.attribution.customer_of(record["subjectKey"])
        if customer is not None and (not keys or customer.get("key") in keys) and (not ids or customer["id"] in ids):
            found.append((record, customer))
    page = by_number(request) if request.arg("page") or request.arg("pageSize") else _numbered(by_either(request))
    items = [entitlements.v2(record, now, customer) for record, customer in page.slice(found)]
    return answer(page.numbered(items, len(found)))


def one(platform: Platform, stream: str, id_or_key: str) -> Record:
    """One record by id or key, deleted ones by id.

    Raises:
        ProblemError: 404.
    """
    record = platform.resources.find(stream, id_or_key)
    if record is None:
        raise not_found(stream.removesuffix("s"), id_or_key)
    return record


def _numbered(page: Page) -> Page:
    return Page(number=1, size=page.size, offset=page.offset)


def _entitlements(platform: Platform, request: Request) -> list[Record]:
    found = _ordered(platform, request, "entitlements", ("createdAt", "updatedAt"))
    wanted, kinds = several(request, "feature"), several(request, "entitlementType")
    if kinds - set(entitlements.TYPES):
        raise bad_request("invalid entitlement type")
    if wanted:
        found = [each for each in found if each["featureKey"] in wanted or each["featureId"] in wanted]
    if kinds:
        found = [each for each in found if each["type"] in kinds]
    if flag(request, "excludeInactive"):
        now = platform.now()
        found = [each for each in found if entitlements.is_active(each, now)]
    return found


def _ordered(
    platform: Platform, request: Request, stream: str, columns: tuple[str, ...], names: dict[str, str] | None = None
) -> list[Record]:
    column, descending = order(request, columns)
    with_deleted = flag(request, "includeDeleted") or flag(request, "includeArchived")
    if platform.quirks.offset_pages_move and not request.arg("orderBy"):
        column = "updatedAt"
    table = platform.resources.settled(stream)
    return table.ordered((names or {}).get(column, column), with_deleted=with_deleted, descending=descending)


def _either(request: Request, found: list[Record], show: Callable[[Record], Record] = dict) -> Reply:
    page = by_either(request)
    items = [show(record) for record in page.slice(found)]
    return answer(page.numbered(items, len(found)) if page.number else items)


def _texts(customer: Record, name: str) -> Iterable[str]:
    if name == "subject":
        return subjects_of(customer)
    value: Any = customer.get(name)
    return islice((str(value),), 1 if value else 0)
