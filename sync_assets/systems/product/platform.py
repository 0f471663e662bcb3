"""The platform as a client: bearer key, its clock, its meters (asked once), and strict shapes of its replies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar, cast

import msgspec

from sync_assets.connect.settings import Settings
from sync_assets.http.auth import Bearer
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError

Documented = TypeVar("Documented")

METERS = "/api/v1/meters"
METERS_PAGE = 100


class Meter(msgspec.Struct, rename="camel"):
    """What one meter measures, and since when until when it exists. Source: openmeter client, `Meter`."""

    slug: str
    event_type: str
    aggregation: str
    value_property: str | None = None
    created_at: str | None = None
    deleted_at: str | None = None


class Paged(msgspec.Struct, rename="camel"):
    """A list in the form with totals. Source: openmeter client, `CustomerPaginatedResponse`."""

    items: list[msgspec.Raw]
    total_count: int
    page: int | None = None
    page_size: int | None = None


Listed = list[msgspec.Raw] | Paged
"""Both documented forms of a list."""


@dataclass(kw_only=True)
class Platform(Client):
    """A client that remembers the platform's meters."""

    known_meters: Sequence[Meter] | None = None

    def meters(self) -> Sequence[Meter]:
        """All meters, deleted ones included, by slug."""
        if self.known_meters is None:
            self.known_meters = sorted(_all_meters(self), key=lambda meter: meter.slug)
        return self.known_meters


def open_platform(settings: Settings, budget: Callable[[], None]) -> Client:
    """A ready client."""
    return Platform(system="product", base_url=settings.url, auth=Bearer(token=settings["API_KEY"]), budget=budget)


def as_platform(client: Client) -> Platform:
    """The client as `open_platform` made it."""
    if not isinstance(client, Platform):
        raise TypeError("A product stream is read with the client of its own system.")
    return client


def clock(client: Client) -> datetime | None:
    """The platform's time, from the Date header of a reply; None where it has none.

    The list asked for says in its answer which page it is, so that none of ours can be mistaken for it. A platform
    that has no customers, or does not show them to our key, tells its time all the same.
    """
    return client.get("/api/v1/customers", [("page", 1), ("pageSize", 1)], accept=(403, 404)).date


def listed(reply: Reply) -> Listed:
    """The reply as a list in either form."""
    answer: Listed = decoded(reply, cast("type[Listed]", Listed))
    return answer


def decoded(reply: Reply, kind: type[Documented]) -> Documented:
    """The reply as the documented object; ContractError when it has another shape."""
    try:
        return decode_envelope(reply.body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        place = reply.url.split("?")[0]
        raise ContractError(f"The answer of {place} has another shape than documented (HTTP {reply.status}).") from None


def is_problem(reply: Reply) -> bool:
    """Whether a refusal is the platform's own. Source: openmeterio/openmeter `pkg/models/problem.go` (RFC 7807)."""
    return reply.headers.get("content-type", "").lower().startswith("application/problem+json")


def rfc3339(moment: datetime) -> str:
    """An instant in whole seconds UTC, as filters take it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_seconds(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Bounds in whole seconds, never narrower: stored ingestion times have no fractions."""
    floor, ceiling = start.replace(microsecond=0), end.replace(microsecond=0)
    return floor, ceiling if ceiling == end else ceiling + timedelta(seconds=1)


def _all_meters(client: Client) -> list[Meter]:
    """Every page of meters; a platform that does not page answers each time with all of them."""
    found: dict[bytes, Meter] = {}
    for page in range(1, 1000):
        params: list[tuple[str, str | int]] = [("page", page), ("pageSize", METERS_PAGE), ("includeDeleted", "true")]
        answer = listed(client.get(METERS, params))
        items = answer.items if isinstance(answer, Paged) else answer
        fresh = {bytes(raw): meter for raw in items if (meter := _meter(raw))} | found
        if len(fresh) == len(found) or (isinstance(answer, Paged) and len(fresh) >= answer.total_count):
            return [*fresh.values()]
        found = fresh
    raise ContractError("The product platform lists meters without end.", reason="poison")


def _meter(raw: msgspec.Raw) -> Meter | None:
    """The meter; None for one that cannot be read, which becomes a dead letter of its own stream."""
    try:
        return msgspec.json.decode(raw, type=Meter)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
