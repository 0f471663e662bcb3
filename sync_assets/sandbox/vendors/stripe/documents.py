"""What each address of a Stripe account answers: lists and single objects, in the API version of the request.

Source: object pages of the API reference. Events keep the version they were created in and are shown for thirty days.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.stripe.errors import refuse, refuse_missing
from sync_assets.sandbox.vendors.stripe.expansion import expanded, read_expansions
from sync_assets.sandbox.vendors.stripe.parameters import read_query
from sync_assets.sandbox.vendors.stripe.resources import RESOURCES, Resource
from sync_assets.sandbox.vendors.stripe.rows import Rows
from sync_assets.sandbox.vendors.stripe.versions import looks_older, shaped, sublist
from sync_assets.sandbox.wire import Reply, Request

_ADDRESS = re.compile(r"/v1/([a-z_]+)(?:/([^/]+))?(?:/(refunds))?\Z")


@dataclass(frozen=True, kw_only=True)
class Documents:
    """Answers requests of one API version of one account; events created before `oldest_event_s` are gone."""

    rows: Rows
    version: str
    oldest_event_s: int
    account: Record

    def answer(self, request: Request) -> Reply:
        """The reply to an admitted request.

        Raises:
            RefusedError: the address, a parameter or an object is not there.
        """
        if (request.method, request.path) == ("GET", "/v1/account"):
            return Reply.of(self.account)
        match = _ADDRESS.match(request.path)
        stream, object_id, part = match.groups() if match else ("", None, None)
        if request.method != "GET" or stream not in RESOURCES or (part and stream != "charges"):
            message = f"Unrecognized request URL ({request.method}: {request.path}). "
            raise refuse(
                message + "Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
                status=404,
            )
        if object_id is None:
            return self._list(request, RESOURCES[stream])
        found = self._found(RESOURCES[stream], unquote(object_id))
        if part:
            return self._list(request, RESOURCES["refunds"], charge=str(found["id"]))
        asked = read_query(RESOURCES[stream], request.query, is_list=False)
        paths = read_expansions(stream, asked.expand, is_list=False)
        return Reply.of(self._shown(found, paths))

    def _list(self, request: Request, resource: Resource, **fixed: str) -> Reply:
        asked = read_query(resource, request.query, is_list=True)
        asked.equals |= fixed
        if resource.stream == "events":
            asked.bound("created", "gte", self.oldest_event_s)
            asked.shown_since_s = self.oldest_event_s
        paths = read_expansions(resource.stream, asked.expand, is_list=True)
        records, has_more = self.rows.page(resource, asked)
        data = [self._shown(record, paths) for record in records]
        return Reply.of({"object": "list", "data": data, "has_more": has_more, "url": request.path})

    def _found(self, resource: Resource, object_id: str) -> Record:
        record = self._fetch((resource.stream,), object_id)
        too_old = record is not None and resource.stream == "events" and record["created"] < self.oldest_event_s
        if record is None or too_old:
            raise refuse_missing(resource.called, object_id, param=resource.path_param, status=404)
        return record

    def _fetch(self, streams: tuple[str, ...], object_id: str) -> Record | None:
        for stream in streams:
            version = self.rows.shelf.latest(stream, object_id)
            if version is not None and version.deleted:
                return {"id": object_id, "object": RESOURCES[stream].kind, "deleted": True}
            if version is not None:
                return render(self.rows, version.record, self.version)
        return None

    def _shown(self, record: Record, paths: list[list[str]]) -> Record:
        shown = render(self.rows, record, self.version)
        for steps in paths:
            if steps[0] == "refunds":
                refunds = self.rows.linked("refunds", "charge", record["id"])
                shown = {**shown, "refunds": sublist(record, "refunds", refunds)}
            else:
                shown = expanded(shown, steps, self._fetch)
        return shown


def render(rows: Rows, record: Record, version: str) -> Record:
    """An object in the shape of an API version."""
    if not looks_older(record, version):
        return record
    charge = record["object"] == "charge"
    refunds = rows.linked("refunds", "charge", record["id"]) if charge else []
    charges = [] if charge else rows.linked("charges", "payment_intent", record["id"])
    return shaped(record, version, refunds=refunds, charges=charges)
