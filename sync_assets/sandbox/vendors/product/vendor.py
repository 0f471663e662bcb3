"""The simulated product platform as the company and the wire see it: one class with its verbs and its HTTP face."""

from datetime import datetime
from hashlib import sha256

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.product.api import Api
from sync_assets.sandbox.vendors.product.platform import Platform
from sync_assets.sandbox.vendors.product.problems import problem
from sync_assets.sandbox.vendors.product.quirks import Quirks
from sync_assets.sandbox.wire import Reply, Request

_COUNTED = ("meters", "entitlements", "customers", "subjects")
"""Streams of the census beside events; features are part of the entitlements that name them."""


class Product:
    """A stateful OpenMeter-compatible platform: ingested events, meters, features, entitlements, customers, subjects.

    Events are CloudEvents, alone or as `{"event": ...}`; they are never changed, and one whose source and id are known
    is dropped, as the vendor does. Quantities are decimals, integers or text, never floats.
    """

    name = "product"

    def __init__(self, *, clock: Clock, seed: int = 0) -> None:
        self.shelf = Shelf(clock=clock)
        self.platform = Platform(shelf=self.shelf)
        self._api_key = f"om_sandbox_{sha256(f'product {seed}'.encode()).hexdigest()[:32]}"
        self._api = Api(platform=self.platform, api_key=self._api_key)

    @property
    def quirks(self) -> Quirks:
        """The oddities in force."""
        return self.platform.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.platform.quirks = quirks

    def settings(self, url: str) -> dict[str, str]:
        """The settings of a client of this platform."""
        return {"SYNC_PRODUCT_URL": url, "SYNC_PRODUCT_API_KEY": self._api_key}

    def put(self, stream: str, record: Record, *, event: str | None = None, visible_at: datetime | None = None) -> None:
        """Ingest an event, or create or merge a record of a resource, found by id or key; `event` means nothing here.

        Raises:
            KeyError: an unknown stream, or an event without id, source, type or subject.
        """
        del event  # the platform has no change feed; its events are the stream of that name
        self.platform.put(stream, record, visible_at=visible_at)

    def delete(self, stream: str, record_id: str) -> None:
        """Delete a record by id or key: softly, but an event for good.

        Raises:
            KeyError: there is none.
        """
        self.platform.delete(stream, record_id)

    def forget(self, event_id: str) -> None:
        """Lose the memory of an event, `source:id`, and keep it: when it is delivered again it is stored once more."""
        with self.shelf.lock:
            self.platform.events.forget(event_id)

    def census(self) -> dict[str, list[str]]:
        """The ids that exist now, per stream, sorted; events as `source:id`."""
        with self.shelf.lock:
            found = {"events": sorted({row.key for row in self.platform.settled_events().all()})}
            for stream in _COUNTED:
                living = self.platform.resources.settled(stream).ordered("createdAt", with_deleted=False)
                found[stream] = sorted(record["id"] for record in living)
            return found

    def error(self, status: int, code: str) -> Reply:
        """A problem in the platform's shape, for faults."""
        return problem(status, code)

    def answer(self, request: Request) -> Reply:
        """The platform's reply to one request."""
        with self.shelf.lock:
            return self._api.answer(request)
