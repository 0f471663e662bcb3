"""The rows of a Chargebee site in the order of every sort a client has asked for, kept while records change."""

from dataclasses import dataclass, field
from itertools import islice

from sync_assets.sandbox.order import Order
from sync_assets.sandbox.register import Entry, Register
from sync_assets.sandbox.shelf import Record, Shelf, Version
from sync_assets.sandbox.vendors.chargebee.listing import Listing, sort_key
from sync_assets.sandbox.vendors.chargebee.offsets import Offsets
from sync_assets.sandbox.vendors.chargebee.resources import RESOURCES, Resource

_OWNERS = ("customer_id", "subscription_id")


@dataclass(kw_only=True)
class Rows:
    """Orders per stream and sort attribute, and which rows belong to which customer or subscription."""

    shelf: Shelf
    register: Register = field(init=False)
    offsets: Offsets = field(default_factory=Offsets)
    _orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    _owned: dict[tuple[str, str, str], set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let the register tell what readers see."""
        self.register = Register(shelf=self.shelf, seen=self._take)

    def page(self, resource: Resource, listing: Listing, *, offsets_valid_s: float) -> tuple[list[Record], str | None]:
        """The rows of a page and the offset of the next one, None at the end.

        Raises:
            RefusedError: the offset is not one of this list.
        """
        now = self.shelf.clock.now()
        beyond = None
        if listing.offset:
            beyond = self.offsets.read(listing.offset, numeric=listing.numeric, now=now, valid_s=offsets_valid_s)
        low, high = listing.range_ms()
        order = self._candidates(resource, listing)
        found = (
            (place, version.record)
            for place in order.walk(low=low, high=high, beyond=beyond, descending=listing.descending)
            if (version := self.register.visible(place[1])) is not None
            and listing.admits(version.record, resource=resource, deleted=version.deleted)
        )
        rows = list(islice(found, listing.limit + 1))
        more = len(rows) > listing.limit
        shown = rows[: listing.limit]
        mark = self.offsets.write(shown[-1][0], now=now, valid_s=offsets_valid_s) if more else None
        return [record for _, record in shown], mark

    def owned(self, stream: str, owner: str, name: str) -> list[str]:
        """The ids of the rows of a stream that belong to a customer or subscription and are not deleted."""
        serials = sorted(self._owned.get((stream, owner, name), ()))
        entries = (self.register.entries[serial] for serial in serials)
        return [one.record_id for one in entries if not one.deleted and one.record.get(owner) == name]

    def _candidates(self, resource: Resource, listing: Listing) -> Order:
        stream = resource.stream
        serials = self._named(stream, listing)
        if serials is None:
            return self._order(stream, listing.sort)
        order = Order()
        for serial in serials:
            version = self.register.visible(serial)
            if version is not None:
                order.put(serial, self._key(self.register.entries[serial], version.record, listing.sort))
        return order

    def _named(self, stream: str, listing: Listing) -> set[int] | None:
        for one in listing.filters:
            if one.name == "id" and one.operator in ("is", "in"):
                names = [one.wanted] if one.operator == "is" else one.wanted
                entries = (self.register.find(stream, name) for name in names)
                return {entry.serial for entry in entries if entry is not None}
            if one.name in _OWNERS and one.operator == "is":
                return self._owned.get((stream, one.name, one.wanted), set())
        return None

    def _order(self, stream: str, sort: str) -> Order:
        order = self._orders.get((stream, sort))
        if order is None:
            order = self._orders[stream, sort] = Order()
            for entry in self.register.entries:
                version = self.register.visible(entry.serial) if entry.stream == stream else None
                if version is not None:
                    self._place(order, entry, version, sort)
        return order

    def _take(self, entry: Entry, version: Version) -> None:
        resource = RESOURCES[entry.stream]
        for sort in (*resource.sorts, "created_at"):
            order = self._orders.get((entry.stream, sort))
            if order is not None:
                self._place(order, entry, version, sort)
        for owner in _OWNERS:
            name = version.record.get(owner)
            if name is not None:
                self._owned.setdefault((entry.stream, owner, name), set()).add(entry.serial)

    def _place(self, order: Order, entry: Entry, version: Version, sort: str) -> None:
        gone = version.deleted and RESOURCES[entry.stream].removal == "hard"
        order.put(entry.serial, None if gone else self._key(entry, version.record, sort))

    def _key(self, entry: Entry, record: Record, sort: str) -> int | str:
        return sort_key(record, sort, created_ms=int(entry.created_at.timestamp()) * 1000)
