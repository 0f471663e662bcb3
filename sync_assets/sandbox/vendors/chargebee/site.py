"""A simulated Chargebee site: what the company writes into it and what its API answers.

Belongs here: the vendor's verbs (`put`, `delete`, `census`, `settings`, `answer`) and what the site itself stamps. How
a list is read is in `listing`, `filters` and `rows`.

Source: Chargebee API reference v2, Product Catalog 2.0.
"""

import hashlib
from base64 import b64encode
from datetime import datetime, timedelta

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.quota import Quota
from sync_assets.sandbox.register import Entry
from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.chargebee.changes import CONTENT, event_type
from sync_assets.sandbox.vendors.chargebee.defaults import DEFAULTS, STAMPED_WITH_NOW, settled, tidied
from sync_assets.sandbox.vendors.chargebee.documents import answer_document
from sync_assets.sandbox.vendors.chargebee.errors import RefusedError, error_reply
from sync_assets.sandbox.vendors.chargebee.quirks import Quirks
from sync_assets.sandbox.vendors.chargebee.resources import RESOURCES, Resource
from sync_assets.sandbox.vendors.chargebee.rows import Rows
from sync_assets.sandbox.wire import Reply, Request

_GO_WITH_CUSTOMER = ("subscriptions", "invoices", "credit_notes", "transactions")
_SITE_OWNED = ("updated_at", "resource_version")


class Chargebee:
    """One site with its records, its change feed and its API key."""

    name = "chargebee"

    def __init__(self, *, clock: Clock, seed: int = 0) -> None:
        self.clock = clock
        self.shelf = Shelf(clock=clock)
        self.quirks = Quirks()
        self.rows = Rows(shelf=self.shelf)
        self.api_key = "sandbox_" + hashlib.sha256(f"chargebee:{seed}".encode()).hexdigest()[:32]
        self.site = f"sandbox{seed}-test"
        self._seed = seed
        self._created = 0
        self._events = 0
        self._quota = Quota()

    def settings(self, url: str) -> dict[str, str]:
        """The settings of a client of this site that listens at `url`."""
        return {"SYNC_CHARGEBEE_URL": url, "SYNC_CHARGEBEE_API_KEY": self.api_key}

    def put(self, stream: str, record: Record, *, event: str | None = None, visible_at: datetime | None = None) -> None:
        """Create a record or merge attributes over it; an attribute given as None is taken away.

        The site adds its defaults, `updated_at`, a growing `resource_version` and the event of the change.

        Args:
            stream: the list's name.
            record: attributes, `id` among them.
            event: event type instead of the usual one; empty for a change without an event.
            visible_at: when readers see the change, if later than now.
        """
        with self.shelf.lock:
            entry = self.rows.register.find(stream, str(record["id"]))
            before = None if entry is None or entry.deleted else entry.record
            after = self._completed(RESOURCES[stream], before, record)
            after |= self._stamps(RESOURCES[stream], None if entry is None else entry.record, is_new=before is None)
            visible_at = visible_at or self._late()
            self.rows.register.write(stream, after, visible_at=visible_at)
            kind = event_type(stream, before, after) if event is None else event
            if kind:
                self._tell(stream, after, kind, visible_at)

    def delete(self, stream: str, record_id: str, *, event: str | None = None) -> None:
        """Delete a record as the vendor does: marked in lists that can show deleted rows, gone from the others.

        A customer takes its subscriptions, invoices, credit notes and transactions along.
        Source: delete a customer, API reference.

        Raises:
            KeyError: there is no such record.
        """
        with self.shelf.lock:
            entry = self.rows.register.find(stream, record_id)
            if entry is None or entry.deleted:
                raise KeyError(f"Chargebee has no {stream} {record_id} to delete.")
            marks: dict[str, Record] = {"soft": {"deleted": True}, "status": {"status": "deleted"}}
            after = entry.record | marks.get(RESOURCES[stream].removal, {})
            after |= self._stamps(RESOURCES[stream], entry.record, is_new=False)
            self.rows.register.write(stream, after, visible_at=self._late(), deleted=True)
            kind = event_type(stream, entry.record, None) if event is None else event
            if kind:
                self._tell(stream, after, kind, self._late())
            for other in _GO_WITH_CUSTOMER if stream == "customers" else ():
                for owned_id in self.rows.owned(other, "customer_id", record_id):
                    self.delete(other, owned_id)

    def census(self) -> dict[str, list[str]]:
        """Per stream the sorted ids of the records that exist."""
        return {stream: self.shelf.ids(stream) for stream in RESOURCES}

    def error(self, status: int, code: str = "") -> Reply:
        """An error reply in this vendor's shape, for faults on the way."""
        return error_reply(status, code, wait_s=1 if status == 429 else 0)

    def answer(self, request: Request) -> Reply:
        """The API's reply."""
        refusal = self._admission(request)
        if refusal is not None:
            return refusal
        with self.shelf.lock:
            self.rows.register.reveal()
            try:
                return answer_document(request, rows=self.rows, quirks=self.quirks, site=self.site)
            except RefusedError as error:
                return error.reply

    def _admission(self, request: Request) -> Reply | None:
        given = request.headers.get("authorization", "")
        if not given.startswith("Basic "):
            return error_reply(
                401,
                message="Sorry,authentication failed.The basic authentication header has invalid format.",
                detail={"error_code": "api_authentication_wrong_format"},
            )
        if given.removeprefix("Basic ").strip() != b64encode(f"{self.api_key}:".encode()).decode():
            return error_reply(401, detail={"error_code": "api_authentication_invalid_key"})
        wait_s = self._quota.wait_s(limit=self.quirks.rate_limit, window_s=self.quirks.rate_window_s)
        return error_reply(429, wait_s=wait_s) if wait_s else None

    def _completed(self, resource: Resource, before: Record | None, given: Record) -> Record:
        changes = {key: value for key, value in tidied(given).items() if key not in _SITE_OWNED}
        base = before
        if base is None:
            now_s = int(self.clock.now().timestamp())
            base = DEFAULTS[resource.stream] | dict.fromkeys(STAMPED_WITH_NOW[resource.stream], now_s)
        merged = {key: value for key, value in (base | changes).items() if value is not None}
        return settled(resource.stream, merged, given)

    def _stamps(self, resource: Resource, held: Record | None, *, is_new: bool) -> Record:
        if not resource.versioned or (self.quirks.repeat_stamps and not is_new):
            return {}
        self._created += is_new
        now_ms = int(self.clock.now().timestamp() * 1000)
        stamps: Record = {"resource_version": now_ms if held is None else max(now_ms, held["resource_version"] + 1)}
        every = self.quirks.null_updated_at
        if not (is_new and every and self._created % every == 0):
            stamps["updated_at"] = now_ms // 1000 + self.quirks.stamp_skew_s
        return stamps

    def _late(self) -> datetime | None:
        late_s = self.quirks.late_visible_s
        return self.clock.now() + timedelta(seconds=late_s) if late_s else None

    def _tell(self, stream: str, record: Record, kind: str, visible_at: datetime | None) -> None:
        content: Record = {RESOURCES[stream].name: record}
        for key, (attribute, other) in CONTENT.get(stream, {}).items():
            found = self.rows.register.find(other, record.get(attribute, ""))
            if found is not None:
                content[key] = found.record
        if stream == "transactions":
            content |= self._paid_invoice(record)
        self._events += 1
        event = {
            **DEFAULTS["events"],
            "id": f"ev_sandbox{self._seed}_{self._events:08d}",
            "occurred_at": int(self.clock.now().timestamp()),
            "event_type": kind,
            "content": content,
        }
        self.rows.register.write("events", event, visible_at=visible_at)

    def _paid_invoice(self, transaction: Record) -> Record:
        links = transaction["linked_invoices"]
        found: Entry | None = self.rows.register.find("invoices", links[0]["invoice_id"]) if links else None
        return {} if found is None else {"invoice": found.record}
