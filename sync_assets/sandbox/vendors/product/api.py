"""The HTTP face of the platform: which request reaches which resource, and what is refused before it does.

Source: OpenMeter API v1 and v2 paths, as the client's operations call them; Bearer token of the hosted platform.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from sync_assets.sandbox.vendors.product import entitlement_api, event_api, lists, writes
from sync_assets.sandbox.vendors.product.entitlement_api import Handle, Names
from sync_assets.sandbox.vendors.product.meter_query import question, usage
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import ProblemError
from sync_assets.sandbox.vendors.product.values import answer
from sync_assets.sandbox.wire import Reply, Request


def _whole(function: Callable[[Platform, Request], Reply]) -> Handle:
    return lambda platform, request, _names: function(platform, request)


def _single(stream: str) -> Handle:
    return lambda platform, _request, names: answer(lists.one(platform, stream, names[0]))


def _create(stream: str) -> Handle:
    return lambda platform, request, _names: answer(writes.create(platform, stream, request), 201)


def _replace(stream: str) -> Handle:
    return lambda platform, request, names: answer(writes.replace(platform, stream, names[0], request))


def _delete(stream: str) -> Handle:
    return lambda platform, _request, names: writes.delete(platform, stream, names[0])


def _usage(platform: Platform, request: Request, names: Names) -> Reply:
    return answer(usage(platform, writes.living(platform, "meters", names[0]), question(request)))


def _upsert_subjects(platform: Platform, request: Request) -> Reply:
    return answer(writes.upsert_subjects(platform, request))


ROUTES: Mapping[tuple[str, str], Handle] = {
    ("GET", "v1/events"): _whole(event_api.listed),
    ("POST", "v1/events"): _whole(event_api.ingest),
    ("GET", "v2/events"): _whole(event_api.listed_v2),
    ("GET", "v1/meters"): _whole(lists.meters),
    ("POST", "v1/meters"): _create("meters"),
    ("GET", "v1/meters/*"): _single("meters"),
    ("PUT", "v1/meters/*"): _replace("meters"),
    ("DELETE", "v1/meters/*"): _delete("meters"),
    ("GET", "v1/meters/*/query"): _usage,
    ("POST", "v1/meters/*/query"): _usage,
    ("GET", "v1/features"): _whole(lists.features),
    ("POST", "v1/features"): _create("features"),
    ("GET", "v1/features/*"): _single("features"),
    ("DELETE", "v1/features/*"): _delete("features"),
    ("GET", "v1/customers"): _whole(lists.customers),
    ("POST", "v1/customers"): _create("customers"),
    ("GET", "v1/customers/*"): _single("customers"),
    ("PUT", "v1/customers/*"): _replace("customers"),
    ("DELETE", "v1/customers/*"): _delete("customers"),
    ("GET", "v1/subjects"): _whole(lists.subjects),
    ("POST", "v1/subjects"): _whole(_upsert_subjects),
    ("GET", "v1/subjects/*"): _single("subjects"),
    ("DELETE", "v1/subjects/*"): _delete("subjects"),
    **entitlement_api.ROUTES,
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
        root, *parts = [unquote(part) for part in request.path.split("/") if part] or [""]
        # Names stand at every second place behind the version and the resource.
        stars = ["*" if place >= 2 and place % 2 == 0 else part for place, part in enumerate(parts)]
        pattern = "/".join(stars)
        methods = [method for method, known in ROUTES if known == pattern]
        if root != "api" or not methods:
            raise ProblemError(404, "no matching operation was found")
        if request.method not in methods:
            raise ProblemError(405, f"method {request.method} not allowed")
        return ROUTES[(request.method, pattern)](self.platform, request, tuple(parts[2::2]))
