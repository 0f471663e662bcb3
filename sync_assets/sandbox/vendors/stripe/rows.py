"""The rows of a Stripe account, newest first, as a whole and per value of each filter, kept while objects change."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice

from sync_assets.sandbox.order import Order, Place
from sync_assets.sandbox.register import Entry, Register
from sync_assets.sandbox.shelf import Record, Shelf, Version
from sync_assets.sandbox.vendors.stripe.errors import refuse, refuse_missing
from sync_assets.sandbox.vendors.stripe.parameters import Asked
from sync_assets.sandbox.vendors.stripe.resources import DISPUTE_PREFIXES, RESOURCES, Resource

_MANUAL = "Balance transaction history can only be filtered on automatic transfers, not manual."
_BROAD = frozenset(("type", "status", "currency"))
_BOTH = "Received both starting_after and ending_before parameters. Please pass in only one."


@dataclass(kw_only=True)
class Rows:
    """Orders per stream and broad filter value, lists of serials per narrow one (an object that rows belong to).

    Rows that no longer have a value stay filed under it and are passed over when read. `paid_out` says which payout a
    balance transaction left with.
    """

    shelf: Shelf
    paid_out: dict[str, str] = field(default_factory=dict)
    register: Register = field(init=False)
    _orders: dict[tuple[str, str, str], Order] = field(default_factory=dict)
    _narrow: dict[tuple[str, str, str], list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let the register tell what readers see."""
        self.register = Register(shelf=self.shelf, seen=self._take)

    def page(self, resource: Resource, asked: Asked) -> tuple[list[Record], bool]:
        """The rows of a page, newest first, and whether there are more in the direction of the walk.

        Raises:
            RefusedError: a cursor or a filter names an object that does not exist.
        """
        backwards = bool(asked.ending_before)
        beyond = self._cursor(resource, asked)
        orders = self._chosen(resource, asked)
        walks = [
            order.walk(low=asked.low("created"), high=asked.high("created"), beyond=beyond, descending=not backwards)
            for order in orders
        ]
        places = merge(*walks, reverse=not backwards)
        rows = list(islice(self._passing(resource, asked, places), asked.limit + 1))
        shown = rows[: asked.limit]
        return (shown[::-1] if backwards else shown), len(rows) > asked.limit

    def linked(self, stream: str, name: str, value: str) -> list[Record]:
        """All rows with a filter value, newest first."""
        asked = Asked(equals={name: value})
        places = self._order(stream, name, value).walk(descending=True)
        return list(self._passing(RESOURCES[stream], asked, places))

    def _passing(self, resource: Resource, asked: Asked, places: Iterator[Place]) -> Iterator[Record]:
        wanted = {name: value for name, value in asked.equals.items() if name in resource.equals}
        for _, serial in places:
            version = self.register.visible(serial)
            if version is None or version.deleted or not asked.admits(version.record):
                continue
            if not wanted or wanted.items() <= self._facets(resource.stream, version.record).items():
                yield version.record

    def _cursor(self, resource: Resource, asked: Asked) -> Place | None:
        beyond = None
        for param in ("starting_after", "ending_before"):
            object_id = getattr(asked, param)
            if not object_id:
                continue
            record = self.shelf.get(resource.stream, object_id)
            entry = self.register.find(resource.stream, object_id)
            if record is None or entry is None or record["created"] < asked.shown_since_s:
                raise refuse_missing(resource.called, object_id, param=param)
            beyond = (record["created"], entry.serial)
        if asked.starting_after and asked.ending_before:
            raise refuse(_BOTH)
        return beyond

    def _chosen(self, resource: Resource, asked: Asked) -> list[Order]:
        self._check_references(resource, asked)
        facets = [(name, value) for name, value in asked.equals.items() if name in resource.equals]
        if facets:
            return [min((self._order(resource.stream, *facet) for facet in facets), key=len)]
        if asked.types and not any("*" in kind for kind in asked.types):
            return [self._order(resource.stream, "type", kind) for kind in dict.fromkeys(asked.types)]
        return [self._order(resource.stream, "", "")]

    def _check_references(self, resource: Resource, asked: Asked) -> None:
        for name, value in asked.equals.items():
            stream = resource.equals.get(name)
            if stream is None:
                continue
            version = self.shelf.latest(stream, value)
            if version is None:
                raise refuse_missing(RESOURCES[stream].called, value, param=name)
            if name == "payout" and not version.record["automatic"]:
                raise refuse(_MANUAL, param=name)

    def _order(self, stream: str, name: str, value: str) -> Order:
        order = self._orders.get((stream, name, value))
        if order is not None:
            return order
        order = Order()
        for serial in self._narrow.get((stream, name, value), ()):
            version = self.register.visible(serial)
            order.put(serial, None if version is None else int(version.record["created"]))
        return order

    def _take(self, entry: Entry, version: Version) -> None:
        record, stream = version.record, entry.stream
        created = None if version.deleted else int(record["created"])
        self._file(stream, "", "").put(entry.serial, created)
        for name, value in self._facets(stream, record).items():
            if name in _BROAD:
                self._file(stream, name, value).put(entry.serial, created)
            else:
                serials = self._narrow.setdefault((stream, name, value), [])
                if not serials or serials[-1] != entry.serial:
                    serials.append(entry.serial)

    def _file(self, stream: str, name: str, value: str) -> Order:
        order = self._orders.get((stream, name, value))
        if order is None:
            order = self._orders[stream, name, value] = Order()
        return order

    def _facets(self, stream: str, record: Record) -> dict[str, str]:
        values = {name: record.get(name) for name in RESOURCES[stream].equals}
        if stream == "balance_transactions":
            own = record["source"] if record["type"] == "payout" else None
            values["payout"] = self.paid_out.get(record["id"], own)
            if str(values["source"]).startswith(DISPUTE_PREFIXES):
                values["source"] = None
        return {name: value for name, value in values.items() if isinstance(value, str)}
