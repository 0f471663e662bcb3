"""A simulated Stripe account: what the company writes into it and what its API answers.

Belongs here: the vendor's verbs (`put`, `delete`, `census`, `settings`, `signed`, `answer`) and what the account itself
stamps. How a list is read is in `parameters`, `rows` and `documents`.

Source: Stripe API reference (authentication, versioning, events, webhook signatures).
"""

import hashlib
import hmac
import json
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.quota import Quota
from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.stripe.changes import events_of, previous_attributes
from sync_assets.sandbox.vendors.stripe.defaults import DEFAULTS, completed
from sync_assets.sandbox.vendors.stripe.documents import Documents, render
from sync_assets.sandbox.vendors.stripe.errors import RefusedError, error_reply, refuse_key
from sync_assets.sandbox.vendors.stripe.quirks import Quirks
from sync_assets.sandbox.vendors.stripe.resources import RESOURCES
from sync_assets.sandbox.vendors.stripe.rows import Rows
from sync_assets.sandbox.vendors.stripe.versions import CURRENT_VERSION, KNOWN_VERSIONS
from sync_assets.sandbox.wire import Reply, Request


class Stripe:
    """One account with its objects, its event feed and its secret key."""

    name = "stripe"

    def __init__(self, *, clock: Clock, seed: int = 0) -> None:
        digest = hashlib.sha256(f"stripe:{seed}".encode()).hexdigest()
        self.clock = clock
        self.shelf = Shelf(clock=clock)
        self.quirks = Quirks()
        self.rows = Rows(shelf=self.shelf)
        self.api_key = f"sk_sandbox_{digest[:24]}"
        self.webhook_secret = f"whsec_sandbox_{digest[24:48]}"
        self._seed = seed
        self._events = 0
        self._request_numbers = count(1)
        self._quota = Quota()

    def settings(self, url: str) -> dict[str, str]:
        """The settings of a client of this account that listens at `url`."""
        return {
            "SYNC_STRIPE_URL": url,
            "SYNC_STRIPE_API_KEY": self.api_key,
            "SYNC_STRIPE_WEBHOOK_SECRET": self.webhook_secret,
            "SYNC_STRIPE_API_VERSION": CURRENT_VERSION,
        }

    def put(self, stream: str, record: Record, *, event: str | None = None, visible_at: datetime | None = None) -> None:
        """Create an object or merge attributes over it, and write the events of the change.

        A balance transaction may be given `payout`, the id of the payout it left with: the account remembers it for
        the `payout` filter and shows it nowhere, as the vendor does.

        Args:
            stream: the list's name.
            record: attributes, `id` among them.
            event: event type instead of the usual ones; empty for a change without an event.
            visible_at: when readers see the change, if later than now.
        """
        with self.shelf.lock:
            object_id = str(record["id"])
            entry = self.rows.register.find(stream, object_id)
            before = None if entry is None or entry.deleted else entry.record
            if stream == "balance_transactions" and "payout" in record:
                self.rows.paid_out[object_id] = record["payout"]
                record = {key: value for key, value in record.items() if key != "payout"}
            created_s = int(self.clock.now().timestamp())
            after = completed(stream, record, created_s=created_s) if before is None else {**before, **record}
            visible_at = visible_at or self._late()
            self.rows.register.write(stream, after, visible_at=visible_at)
            named = [(event, before is not None)] if event else []
            told = events_of(stream, before, after) if event is None else named
            for kind, shows_previous in told:
                previous = previous_attributes(before, after) if shows_previous and before is not None else None
                self._tell(kind, after, previous=previous, visible_at=visible_at)

    def delete(self, stream: str, record_id: str) -> None:
        """Delete a customer: gone from lists, a stub on retrieval, a `customer.deleted` event.

        The event shows the whole object as it was. Source: stripe/stripe-dotnet#1870.

        Raises:
            KeyError: there is no such customer.
            ValueError: the vendor deletes no objects of this kind.
        """
        if stream != "customers":
            raise ValueError(f"Stripe deletes customers only, not {stream}.")
        with self.shelf.lock:
            entry = self.rows.register.find(stream, record_id)
            if entry is None or entry.deleted:
                raise KeyError(f"Stripe has no customer {record_id} to delete.")
            self.rows.register.write(stream, entry.record, visible_at=self._late(), deleted=True)
            self._tell("customer.deleted", entry.record, previous=None, visible_at=self._late())

    def census(self) -> dict[str, list[str]]:
        """Per stream the sorted ids of the objects that exist; the event feed is not a stream of objects."""
        return {stream: self.shelf.ids(stream) for stream in RESOURCES if stream != "events"}

    def signed(self, event_id: str) -> tuple[bytes, dict[str, str]]:
        """The body and headers of the webhook that delivers an event now.

        Source: webhook signatures: `v1` is the HMAC-SHA256 of "<t>.<body>" with the whole endpoint secret.
        """
        body = json.dumps(self.shelf.get("events", event_id), separators=(",", ":")).encode()
        stamp = int(self.clock.now().timestamp())
        digest = hmac.new(self.webhook_secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return body, {"Content-Type": "application/json", "Stripe-Signature": f"t={stamp},v1={digest}"}

    def error(self, status: int, code: str = "") -> Reply:
        """An error reply in this vendor's shape, for faults on the way."""
        return self._headed(error_reply(status, code), CURRENT_VERSION)

    def answer(self, request: Request) -> Reply:
        """The API's reply, with its request id and API version."""
        version = request.headers.get("stripe-version", self.quirks.account_version)
        refusal = self._admission(request, version)
        if refusal is not None:
            return self._headed(refusal, self.quirks.account_version)
        with self.shelf.lock:
            self.rows.register.reveal()
            oldest = self.clock.now() - timedelta(days=self.quirks.retention_days)
            documents = Documents(
                rows=self.rows, version=version, oldest_event_s=int(oldest.timestamp()), account=self._card()
            )
            try:
                reply = documents.answer(request)
            except RefusedError as error:
                reply = error.reply
        return self._headed(reply, version)

    def _card(self) -> Record:
        """What the account says of itself: its id tells one account from another behind the same address."""
        flags = dict.fromkeys(("charges_enabled", "details_submitted", "payouts_enabled"), True)
        named = {"id": f"acct_sandbox{self._seed}", "object": "account", "country": "US", "default_currency": "usd"}
        return {**named, **flags, "email": None, "metadata": {}, "type": "standard"}

    def _headed(self, reply: Reply, version: str) -> Reply:
        headers = {"Request-Id": f"req_sandbox{next(self._request_numbers):08d}", "Stripe-Version": version}
        return replace(reply, headers={**reply.headers, **headers})

    def _admission(self, request: Request, version: str) -> Reply | None:
        key = _key_of(request.headers.get("authorization", ""))
        if key != self.api_key:
            return refuse_key(key) if key else error_reply(401)
        if version not in KNOWN_VERSIONS:
            return error_reply(400, message=f"Invalid Stripe API version: {version}")
        limited = self._quota.wait_s(limit=self.quirks.rate_limit, window_s=self.quirks.rate_window_s)
        return error_reply(429) if limited else None

    def _late(self) -> datetime | None:
        late_s = self.quirks.late_visible_s
        return self.clock.now() + timedelta(seconds=late_s) if late_s else None

    def _tell(self, kind: str, record: Record, *, previous: Record | None, visible_at: datetime | None) -> None:
        self._events += 1
        version = self.quirks.event_version
        data = {"object": render(self.rows, record, version)} | (
            {} if previous is None else {"previous_attributes": previous}
        )
        event = {
            **DEFAULTS["events"],
            "id": f"evt_sandbox{self._seed}_{self._events:08d}",
            "api_version": version,
            "created": int(self.clock.now().timestamp()),
            "data": data,
            "pending_webhooks": 1 if self.quirks.webhooks_fail else 0,
            "request": {"id": f"req_sandboxw{self._events:08d}", "idempotency_key": None},
            "type": kind,
        }
        self.rows.register.write("events", event, visible_at=visible_at)


def _key_of(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(value).decode().partition(":")[0]
    except (Base64Error, UnicodeDecodeError):
        return ""
