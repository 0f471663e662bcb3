"""Reading Salesforce: keyset pages over REST, Bulk for what is left of a large full read, the delete log at the end.

The place of a page is JSON: `after` (where the last page ended), `pages` (REST pages so far), for a bulk job `job`,
`turn`, `locator` (with `chunk` and `mark`, the proof that it moves) or `done`, and `log` when only the delete log is
left. A job that is gone is replaced by REST pages from `after` on. The log comes last because it names all that was
deleted, while rows still in the recycle bin say more: their values, and into which record they were merged.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from sync_assets.connect import paging
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError, RejectError, UnreachableError
from sync_assets.model.keys import salesforce_id
from sync_assets.systems.salesforce import bulk, soql
from sync_assets.systems.salesforce.answers import Answer, answer_of, keys_behind
from sync_assets.systems.salesforce.deleted import deleted_page
from sync_assets.systems.salesforce.judge import field_missing
from sync_assets.systems.salesforce.org import Org, Shape, as_org, do_without, fields_of, shape_of

REST_PAGES = 25
"""Pages of 2,000 rows after which a full read goes over to Bulk: 50,000 rows are quicker to get than a job to start."""

EMPTY_MAX = 20
"""Batches without rows that are passed over when Salesforce says that more follow."""

NAMED_MAX = 200
"""Ids in one query, well under the 16,384 characters of a request line."""

Place = dict[str, Any]


def read(client: Client, stream: Stream, window: Window, place: str | None) -> Page:
    """One page of a stream.

    Raises:
        FeedExpiredError: the delete log no longer reaches back to the start of the window, which is no backfill.
        ContractError: the page is not what Salesforce documents.
    """
    org = as_org(client)
    if stream.read["sobject"] in org.without:
        return Page(body=b"", records=(), next=None)
    at = json.loads(place) if place else {"after": None, "pages": 0}
    if "log" in at:
        return deleted_page(org, stream, window)
    page = _page_at(org, stream, window, at)
    if page.next is not None or window.start is None or not shape_of(org, stream).has_log:
        return page
    return replace(page, next=_json({"log": True}))


def _page_at(org: Org, stream: Stream, window: Window, at: Place) -> Page:
    """The page at a place: over REST, out of a job, or the farewell to a job."""
    if "done" in at:
        org.delete(f"{org.data}/jobs/query/{at['done']}")
        return Page(body=b"", records=(), next=None)
    if "job" in at:
        return _bulk_page(org, stream, window, at)
    if window.start is None and at["pages"] >= REST_PAGES:
        return _to_bulk(org, stream, window, at)
    return _rest_page(org, stream, window, at)


def find(client: Client, stream: Stream, ids: Sequence[str]) -> Page:
    """The named records as they stand now, deleted ones included; ids that cannot exist are left out."""
    org, sobject = as_org(client), stream.read["sobject"]
    known = [one for one in ids if _is_id(one)]
    bodies, records = [], []
    for start in range(0, len(known), NAMED_MAX):
        some = known[start : start + NAMED_MAX]
        reply = _ask_fields(org, stream, partial(soql.named_query, sobject, ids=some))
        answer = answer_of(reply, sobject)
        if not answer.done:
            raise ContractError(f"Salesforce sent only a part of {len(some)} named records.")
        bodies.append(reply.body)
        records += [bytes(raw) for raw in answer.records]
    return _with_currency(Page(body=b"\n".join(bodies), records=records, next=None), shape_of(org, stream))


def clock(client: Client) -> datetime | None:
    """The vendor's time, from the Date header of a reply about the org's limits; None where it has none."""
    org = as_org(client)
    reply = org.get(f"{org.data}/limits", accept=(403, 404))
    if reply.status == 404:
        org.gives_way()
    return reply.date


PROBED = ("Account", "Opportunity", "Order")
"""Objects whose newest record the probe looks at; a change of an order or opportunity line moves its parent's total."""


def probe(client: Client, last: str | None) -> str:  # noqa: ARG001 - the newest records need no memory
    """The newest record of each probed object; the text changes with any change of one of them."""
    org = as_org(client)
    try:
        return _newest(org)
    except UnreachableError:
        if org.last_status != 404 or not org.gives_way():
            raise
    return _newest(org)


def _newest(org: Org) -> str:
    newest = []
    for sobject in (sobject for sobject in PROBED if sobject not in org.without):
        answer = answer_of(_ask(org, soql.newest_query(sobject)), sobject)
        newest += [f"{sobject}:{stamp}:{one}" for stamp, one in keys_behind(None, answer.records)]
    return " ".join(newest)


def _rest_page(org: Org, stream: Stream, window: Window, at: Place) -> Page:
    """The page behind `after`. It is the last one when Salesforce says done and sent fewer rows than were asked for."""
    after = tuple(at["after"]) if at["after"] else None
    query = partial(soql.page_query, stream.read["sobject"], window=window, after=after)
    reply, answer = _past_empty(org, stream.read["sobject"], _ask_fields(org, stream, query))
    keys = keys_behind(after, answer.records)
    ended = answer.done and len(answer.records) < soql.ROWS_MAX
    if not (keys or ended):
        raise ContractError("Salesforce sent no row that can be gone on behind, and more follow.")
    following = None if ended else _json({"after": keys[-1], "pages": at["pages"] + 1})
    page = Page(body=reply.body, records=[bytes(raw) for raw in answer.records], next=following)
    return _with_currency(page, shape_of(org, stream))


def _past_empty(org: Org, sobject: str, reply: Reply) -> tuple[Reply, Answer]:
    """The reply, or where it has no rows and more follow, the first one behind its locator that has some.

    Source: REST API Developer Guide, "Query More Results" (`nextRecordsUrl` until `done`).
    """
    answer = answer_of(reply, sobject)
    for _ in range(EMPTY_MAX):
        if answer.records or answer.done or not answer.next_records_url:
            break
        reply = org.get(answer.next_records_url)
        answer = answer_of(reply, sobject)
    return reply, answer


def _to_bulk(org: Org, stream: Stream, window: Window, at: Place) -> Page:
    """Hand the rest of a full read to a query job; an org without Bulk is read on over REST, and asked again later."""
    shape = shape_of(org, stream)
    query = soql.rest_query(stream.read["sobject"], shape.fields, window, tuple(at["after"]))
    job = bulk.start_job(org, query)
    if job is None:
        return _rest_page(org, stream, window, {**at, "pages": 0})
    return Page(body=b"", records=(), next=_json({**at, "job": job, "turn": 0}))


def _bulk_page(org: Org, stream: Stream, window: Window, at: Place) -> Page:
    """Wait for the job, then its chunks one after the other; a job that failed or is gone falls back to REST."""
    again = {"after": at["after"], "pages": 0}
    if "turn" in at:
        bulk.refuse_to_wait_forever(at["turn"])
        state, body = bulk.wait_for(org, at["job"])
        if state in bulk.WAITING:
            return Page(body=body, records=(), next=_json({**at, "turn": at["turn"] + 1}))
        if state != bulk.DONE:
            return _rest_page(org, stream, window, again)
    reply = bulk.results(org, at["job"], at.get("locator"))
    if reply.status in bulk.GONE:
        return _rest_page(org, stream, window, again)
    locator = bulk.next_locator(reply)
    following = {"done": at["job"]} if locator is None else _further_in_job(at, locator)
    page = bulk.page_of(reply, org, stream.read["sobject"], fields_of(stream), _json(following))
    return _with_currency(page, shape_of(org, stream))


def _further_in_job(at: Place, locator: str) -> Place:
    """The place of a job's next chunk; ContractError when its locators run in circles."""
    chunk = paging.Place(cursor=at.get("locator"), pages=at.get("chunk", 0), mark=at.get("mark")).onward(locator)
    kept = {name: at[name] for name in ("after", "pages", "job")}
    return {**kept, "locator": chunk.cursor, "chunk": chunk.pages, "mark": chunk.mark}


def _with_currency(page: Page, shape: Shape) -> Page:
    return replace(page, records=bulk.with_currency(page.records, shape.currency))


def _ask(org: Org, query: str) -> Reply:
    """The reply to a query over all rows, deleted ones included. Source: REST API Developer Guide, "QueryAll"."""
    return org.get(f"{org.data}/queryAll", [("q", query)])


def _ask_fields(org: Org, stream: Stream, query: Callable[[Sequence[str]], str]) -> Reply:
    """The reply to a query of a stream's fields; one that the org turns out not to have is left out and told.

    The describe shows what the org has; an org that keeps its describe to itself says it field by field.
    """
    while True:
        text = query(shape_of(org, stream).fields)
        reply = org.get(f"{org.data}/queryAll", [("q", text)], accept=(400,))
        missing = field_missing(reply) if reply.status == 400 else None
        if missing is None or not do_without(org, stream, missing):
            return reply if reply.status != 400 else _ask(org, text)


def _is_id(text: str) -> bool:
    try:
        return bool(salesforce_id(text))
    except RejectError:
        return False


def _json(place: Place) -> str:
    return json.dumps(place, separators=(",", ":"))
