"""The HTTP face of the platform: which request reaches which resource, and what is refused before it does.

Source: OpenMeter API v1 and v2 paths, as the client's operations call them; Bearer token of the hosted platform.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sync_assets.sandbox.vendors.product import entitlements, event_api, lists
from sync_assets.sandbox.vendors.product.meter_query import question, usage
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import ProblemError, not_found
from sync_assets.sandbox.vendors.product.values import answer
from sync_assets.sandbox.wire import Reply, Request

Handle: TypeAlias = Callable[[Platform, Request, str], Reply]


def _listing(function: Callable[[Platform, Request], Reply]) -> Handle:
    return lambda platform, request, _name: function(platform, request)


def _single(stream: str) -> Handle:
    return lambda platform, _request, name: answer(lists.one(platform, stream, name))


def _entitlement(platform: Platform, _request: Request, name: str) -> Reply:
    return answer(entitlements.v1(lists.one(platform, "entitlements", name), platform.now()))


def _entitlement_v2(platform: Platform, _request: Request, name: str) -> Reply:
    record = lists.one(platform, "entitlements", name)
    customer = platform.attribution.customer_of(record["subjectKey"])
    if customer is None:
        raise ProblemError(412, f"customer not found [subject={record['subjectKey']}]")
    return answer(entitlements.v2(record, platform.now(), customer))


def _usage(platform: Platform, request: Request, name: str) -> Reply:
    return answer(usage(platform, lists.one(platform, "meters", name), question(request)))


ROUTES: Mapping[tuple[str, str], Handle] = {
    ("GET", "v1/events"): _listing(event_api.listed),
    ("POST", "v1/events"): _listing(event_api.ingest),
    ("GET", "v2/events"): _listing(event_api.listed_v2),
    ("GET", "v1/meters"): _listing(lists.meters),
    ("GET", "v1/meters/*"): _single("meters"),
    ("GET", "v1/meters/*/query"): _usage,
    ("POST", "v1/meters/*/query"): _usage,
    ("GET", "v1/features"): _listing(lists.features),
    ("GET", "v1/features/*"): _single("features"),
    ("GET", "v1/customers"): _listing(lists.customers),
    ("GET", "v1/customers/*"): _single("customers"),
    ("GET", "v1/subjects"): _listing(lists.subjects),
    ("GET", "v1/subjects/*"): _single("subjects"),
    ("GET", "v1/entitlements"): _listing(lists.entitlements_v1),
    ("GET", "v1/entitlements/*"): _entitlement,
    ("GET", "v2/entitlements"): _listing(lists.entitlements_v2),
    ("GET", "v2/entitlements/*"): _entitlement_v2,
}
"""Every route; a star stands for one id or key."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """The routes of one platform, behind its key."""

    platform: Platform
    api_key: str

    def answer(self, request: Request) -> Reply:
        """The reply to one request, refusals included."""
        try:
            return self._route(request)
        except ProblemError as refused:
            return refused.reply()

    def _route(self, request: Request) -> Reply:
        if request.headers.get("authorization", "") != f"Bearer {self.api_key}":
            raise ProblemError(401, "missing or invalid API key")
        parts = [part for part in request.path.split("/") if part]
        if parts[:1] != ["api"]:
            raise not_found("path", request.path)
        name = parts[3] if len(parts) > 3 else ""
        pattern = "/".join([*parts[1:3], *(["*"] if name else []), *parts[4:]])
        methods = [method for method, known in ROUTES if known == pattern]
        if not methods:
            raise ProblemError(404, "path not found")
        if request.method not in methods:
            raise ProblemError(405, f"method {request.method} not allowed")
        return ROUTES[(request.method, pattern)](self.platform, request, name)
