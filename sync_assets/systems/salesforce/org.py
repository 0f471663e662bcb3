"""One Salesforce org as a client: its API version, the fields that its objects have, its currency if it has one only.

Belongs here: facts about the org that are asked once. Not here: reading records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from sync_assets.connect.fields import added, renamed
from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import Stream
from sync_assets.http.auth import Login
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.salesforce.judge import judge
from sync_assets.systems.salesforce.login import fetch_token

Documented = TypeVar("Documented")

NEEDED = ("Id", "IsDeleted", "SystemModstamp")
"""Fields without which no record can be placed in time."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the org has of an object: the fields to ask for, and the currency to add to records that name none."""

    fields: tuple[str, ...]
    currency: str | None = None


@dataclass(kw_only=True)
class Org(Client):
    """A client that remembers what the org's objects look like; `without` are objects that it is said not to have."""

    version: str = ""
    currency_setting: str = ""
    without: frozenset[str] = frozenset()
    shapes: dict[str, Shape] = field(default_factory=dict)
    single_currency: str | None = None

    @property
    def data(self) -> str:
        """The path under which this API version's resources are."""
        return f"/services/data/v{self.version}"


def open_org(settings: Settings, budget: Callable[[], None]) -> Client:
    """A ready client; the login happens with the first request."""
    return Org(
        system="salesforce",
        base_url=settings.url,
        auth=Login(fetch=lambda: fetch_token(settings)),
        judge=judge,
        budget=budget,
        version=settings["API_VERSION"].removeprefix("v"),
        currency_setting=settings.get("CURRENCY"),
        without=frozenset(settings.get("WITHOUT").replace(",", " ").split()),
    )


def as_org(client: Client) -> Org:
    """The client as `open_org` made it."""
    if not isinstance(client, Org):
        raise TypeError("A Salesforce stream is read with the client of its own system.")
    return client


class _Field(msgspec.Struct):
    name: str


class _Described(msgspec.Struct):
    fields: list[_Field]


class _Features(msgspec.Struct, rename="camel"):
    multi_currency: bool = False
    default_currency_iso_code: str | None = None


class _Organization(msgspec.Struct):
    features: _Features


def decoded(reply: Reply, kind: type[Documented]) -> Documented:
    """The reply as the documented object; ContractError when it has another shape."""
    try:
        return decode_envelope(reply.body, kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ContractError(
            f"The answer of {reply.url.split('?')[0]} is not a documented {kind.__name__.strip('_').lower()} "
            f"({len(reply.body)} bytes, HTTP {reply.status})."
        ) from None


def fields_of(stream: Stream) -> dict[str, str]:
    """The fields to ask for and their kinds, by the names that this org has for them."""
    names = renamed("salesforce", stream)
    declared = {names.get(name, name): kind for name, kind in stream.read["fields"].items()}
    return {name: _ASKED_AS.get(kind, "text") for name, kind in added("salesforce", stream).items()} | declared


_ASKED_AS = {"decimal": "number", "integer": "number", "flag": "flag"}


def shape_of(org: Org, stream: Stream) -> Shape:
    """The fields of a stream's object that the org has, in our order; one request per object and client.

    Source: REST API Developer Guide, "sObject Describe". An object whose describe is absent is asked for all fields:
    the query then says whether the object or only the describe is missing.
    """
    sobject = stream.read["sobject"]
    if sobject not in org.shapes:
        org.shapes[sobject] = _shape(org, stream, sobject)
    return org.shapes[sobject]


def _shape(org: Org, stream: Stream, sobject: str) -> Shape:
    wanted = tuple(fields_of(stream))
    reply = org.get(f"{org.data}/sobjects/{sobject}/describe", accept=(404,))
    if reply.status == 404:
        return Shape(fields=wanted)
    there = {described.name for described in decoded(reply, _Described).fields}
    missing = [name for name in NEEDED if name not in there]
    if missing:
        raise ContractError(f"Salesforce {sobject} has no {', '.join(missing)}.", reason="missing_field")
    fields = tuple(name for name in wanted if name in there)
    single = "CurrencyIsoCode" in wanted and "CurrencyIsoCode" not in there
    return Shape(fields=fields, currency=_single_currency(org) if single else None)


def _single_currency(org: Org) -> str | None:
    """The currency of a single-currency org: the setting, else what the org says; None when neither names one.

    Source: Connect REST API Developer Guide, "Organization" (`features.defaultCurrencyIsoCode`).
    """
    if org.currency_setting:
        return org.currency_setting
    if org.single_currency is None:
        reply = org.get(f"{org.data}/connect/organization", accept=(400, 403, 404))
        if reply.status != 200:
            return None
        features = decoded(reply, _Organization).features
        org.single_currency = "" if features.multi_currency else features.default_currency_iso_code or ""
    return org.single_currency or None
