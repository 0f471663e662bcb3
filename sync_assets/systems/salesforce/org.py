"""One Salesforce org as a client: its API version, the fields that its objects have, its currency if it has one only.

Belongs here: facts about the org that are asked once. Not here: reading records.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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

API_VERSION = "67.0"
"""The version that the reader was written against: Summer '26."""

_VERSION = re.compile(r"\d{1,3}\.\d")

NEEDED = ("Id", "IsDeleted", "SystemModstamp")
"""Fields without which no record can be placed in time."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the org has of an object: the fields to ask for, and the currency to add to records that name none.

    `has_log` says whether its deletions are logged. Source: SOAP API Developer Guide, "getDeleted()" (`replicateable`).
    """

    fields: tuple[str, ...]
    currency: str | None = None
    has_log: bool = True


@dataclass(kw_only=True)
class Org(Client):
    """A client that remembers what the org's objects look like; `without` are objects that it is said not to have.

    `may_give_way` says that the version is our default, which an org that has not been upgraded yet does not have.
    """

    version: str = ""
    may_give_way: bool = False
    currency_setting: str = ""
    without: frozenset[str] = frozenset()
    shapes: dict[str, Shape] = field(default_factory=dict)
    single_currency: str | None = None

    @property
    def data(self) -> str:
        """The path under which this API version's resources are."""
        return f"/services/data/v{self.version}"

    def gives_way(self) -> bool:
        """Whether the default version was just replaced by the nearest one that the org has; asked once.

        Source: REST API Developer Guide, "Versions". Releases reach orgs over weeks.
        """
        if not self.may_give_way:
            return False
        self.may_give_way = False
        reply = self.get("/services/data/", accept=(403, 404))
        offered = [one.version for one in decoded(reply, list[_Version])] if reply.status == 200 else []
        nearest = _nearest(self.version, offered)
        if nearest == self.version:
            return False
        self.remark(f"the org has no API version {self.version}; {nearest} is used")
        self.version = nearest
        return True


def _nearest(wanted: str, offered: Sequence[str]) -> str:
    """The newest version that is no newer than ours, else the oldest there is; ours when none can be read."""
    known = {float(one): one for one in offered if _VERSION.fullmatch(one)}
    older = [number for number in known if number <= float(wanted)]
    return known[max(older) if older else min(known)] if known else wanted


def open_org(settings: Settings, budget: Callable[[], None]) -> Client:
    """A ready client; the login happens with the first request."""
    return Org(
        system="salesforce",
        base_url=settings.url,
        auth=Login(fetch=lambda: fetch_token(settings)),
        judge=judge,
        budget=budget,
        version=settings.get("API_VERSION", API_VERSION).removeprefix("v"),
        may_give_way=not settings.get("API_VERSION"),
        currency_setting=settings.get("CURRENCY"),
        without=frozenset(settings.get("WITHOUT").replace(",", " ").split()),
    )


def as_org(client: Client) -> Org:
    """The client as `open_org` made it."""
    if not isinstance(client, Org):
        raise TypeError("A Salesforce stream is read with the client of its own system.")
    return client


class _Version(msgspec.Struct):
    version: str


class _Field(msgspec.Struct):
    name: str


class _Described(msgspec.Struct):
    fields: list[_Field]
    replicateable: bool = True


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
    described = decoded(reply, _Described)
    there = {one.name for one in described.fields}
    missing = [name for name in NEEDED if name not in there]
    if missing:
        raise ContractError(f"Salesforce {sobject} has no {', '.join(missing)}.", reason="missing_field")
    fields = tuple(name for name in wanted if name in there)
    single = "CurrencyIsoCode" in wanted and "CurrencyIsoCode" not in there
    return Shape(
        fields=fields,
        currency=_single_currency(org) if single else None,
        has_log=described.replicateable,
    )


def do_without(org: Org, stream: Stream, missing: str) -> bool:
    """Whether a field that a query was refused for can be left out from now on; it is told."""
    sobject, shape = stream.read["sobject"], shape_of(org, stream)
    if missing in NEEDED or missing not in shape.fields:
        return False
    left = tuple(name for name in shape.fields if name != missing)
    currency = _single_currency(org) if missing == "CurrencyIsoCode" else shape.currency
    org.shapes[sobject] = replace(shape, fields=left, currency=currency)
    org.remark(f"{sobject} has no {missing}, or our user may not see it; it is read as empty")
    return True


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
