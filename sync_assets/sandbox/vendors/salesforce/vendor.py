"""The simulated Salesforce as the company and the wire see it: one class with the vendor's verbs and its HTTP face."""

from datetime import datetime

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.salesforce.api import Api, Quota
from sync_assets.sandbox.vendors.salesforce.bulk import BulkJobs
from sync_assets.sandbox.vendors.salesforce.cursors import Cursors
from sync_assets.sandbox.vendors.salesforce.errors import refusal
from sync_assets.sandbox.vendors.salesforce.oauth import Logins
from sync_assets.sandbox.vendors.salesforce.org import Org
from sync_assets.sandbox.vendors.salesforce.quirks import Quirks
from sync_assets.sandbox.wire import Reply, Request

API_VERSION = "66.0"
"""The version the settings name, Spring '26. Any living one works."""

_NOT_COUNTED = frozenset({"organization"})


class Salesforce:
    """A stateful Salesforce org behind the REST and Bulk APIs.

    Streams are the objects in snake case (`accounts`, `opportunities`, ...). Records are Salesforce's own: field names
    of the API, decimals in major units, days and instants as text or Python's own types.
    """

    name = "salesforce"

    def __init__(self, *, clock: Clock, seed: int = 0) -> None:
        self.shelf = Shelf(clock=clock)
        self.org = Org(shelf=self.shelf, seed=seed)
        self.logins = Logins(org=self.org)
        self.cursors = Cursors(org=self.org)
        self._api = Api(
            org=self.org,
            logins=self.logins,
            cursors=self.cursors,
            jobs=BulkJobs(org=self.org),
            quota=Quota(org=self.org),
        )

    @property
    def quirks(self) -> Quirks:
        """The oddities in force."""
        return self.org.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self.org.quirks = quirks

    def settings(self, url: str) -> dict[str, str]:
        """The settings of a client that logs in with client credentials."""
        return {
            "SYNC_SALESFORCE_URL": url,
            "SYNC_SALESFORCE_CLIENT_ID": self.logins.client_id,
            "SYNC_SALESFORCE_CLIENT_SECRET": self.logins.client_secret,
            "SYNC_SALESFORCE_API_VERSION": API_VERSION,
        }

    def jwt_settings(self, url: str) -> dict[str, str]:
        """The settings of a client that logs in with the JWT bearer flow; the key is made on first use."""
        return {
            "SYNC_SALESFORCE_URL": url,
            "SYNC_SALESFORCE_CLIENT_ID": self.logins.client_id,
            "SYNC_SALESFORCE_USERNAME": self.logins.username,
            "SYNC_SALESFORCE_PRIVATE_KEY": self.logins.private_key,
            "SYNC_SALESFORCE_API_VERSION": API_VERSION,
        }

    def new_id(self, stream: str) -> str:
        """A fresh 18 character id for a record of a stream."""
        return self.org.new_id(stream)

    def put(self, stream: str, record: Record, *, event: str | None = None, visible_at: datetime | None = None) -> None:
        """Create a record, or merge the given fields over the stored one; `event` means nothing here.

        Raises:
            KeyError: unknown stream, or a standard field the object does not have.
            TypeError: a float where a decimal belongs.
            ValueError: a malformed id, or a record that is deleted.
        """
        del event  # Salesforce has no change feed a poller reads
        with self.shelf.lock:
            self.org.put(stream, record, visible_at=visible_at)

    def recalculate(self, stream: str, record: Record) -> None:
        """Change values without moving SystemModstamp, as formula fields and their parents do."""
        with self.shelf.lock:
            self.org.put(stream, record, keep_stamp=True)

    def delete(self, stream: str, record_id: str, *, visible_at: datetime | None = None) -> None:
        """Move a record and the records it owns to the recycle bin."""
        with self.shelf.lock:
            self.org.delete(stream, record_id, visible_at=visible_at)

    def undelete(self, stream: str, record_id: str) -> None:
        """Take a record back out of the recycle bin."""
        with self.shelf.lock:
            self.org.undelete(stream, record_id)

    def purge(self, stream: str, record_id: str) -> None:
        """Delete a record for good; only the delete log still names it."""
        with self.shelf.lock:
            self.org.purge(stream, record_id)

    def merge(self, loser_id: str, winner_id: str) -> None:
        """Merge one account into another; its children move to the winner."""
        with self.shelf.lock:
            self.org.merge(loser_id, winner_id)

    def census(self) -> dict[str, list[str]]:
        """The ids that exist at the source now, per stream, sorted."""
        with self.shelf.lock:
            return {
                stream: [version.record_id for version in self.org.settle(stream).in_id_order() if not version.deleted]
                for stream in self.org.objects
                if stream not in _NOT_COUNTED
            }

    def error(self, status: int, code: str) -> Reply:
        """An error in the data API's shape, for faults."""
        return refusal(status, code, code.replace("_", " ").capitalize())

    def answer(self, request: Request) -> Reply:
        """The reply of the org to one request."""
        with self.shelf.lock:
            return self._api.answer(request)
