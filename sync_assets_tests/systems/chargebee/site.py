"""A Chargebee site for tests: lists as their document describes them, with filters, order, offsets and deletions."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from sync_assets.connect.settings import read_settings
from sync_assets.http.client import Client
from sync_assets.systems.chargebee.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving

PAGES = Path(__file__).parent / "pages"
NAMES = {
    "customers": "customer",
    "subscriptions": "subscription",
    "items": "item",
    "item_prices": "item_price",
    "invoices": "invoice",
    "credit_notes": "credit_note",
    "transactions": "transaction",
    "usages": "usage",
    "events": "event",
}
NOW = 1_793_613_600
"""2026-11-02 10:00:00 UTC."""


def saved(name: str) -> Any:
    """A page written by others."""
    return json.loads((PAGES / f"{name}.json").read_text())


MISSING = Answer(status=404, body=json.dumps(saved("404")).encode())
"""What the site says of a resource that does not exist."""


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(kw_only=True)
class Site:
    """What the site holds, by list, and its clock; `before` may answer a request instead of it."""

    resources: dict[str, list[dict[str, Any]]]
    now: int = NOW
    before: Callable[[Asked], Answer | None] = field(default=lambda _asked: None)

    def answer(self, asked: Asked) -> Answer:
        """A list or one resource, as the document describes them."""
        if (said := self.before(asked)) is not None:
            return said
        path = asked.path.removeprefix("/api/v2/").split("/")
        rows = self.resources.get(path[0], [])
        if len(path) == 2:
            return self._one(rows, path[0], path[1])
        rows = [row for row in rows if _asked_for(row, asked.query)]
        return self.json(_paged(rows, path[0], asked.query))

    def json(self, value: Any) -> Answer:
        """An answer dated by the site's clock."""
        return Answer(body=json.dumps(value).encode(), headers={"Date": format_datetime(at(self.now), usegmt=True)})

    def _one(self, rows: list[dict[str, Any]], path: str, name: str) -> Answer:
        row = next((row for row in rows if row["id"] == name), None)
        return MISSING if row is None else self.json({NAMES[path]: row})


def _asked_for(row: dict[str, Any], query: dict[str, str]) -> bool:
    if row.get("deleted") and query.get("include_deleted") != "true":
        return False
    return all(_passes(row, key, value) for key, value in query.items() if "[" in key)


def _passes(row: dict[str, Any], key: str, value: str) -> bool:
    """Strict time filters that drop rows without the attribute."""
    name, _, operator = key.rstrip("]").partition("[")
    if name == "sort_by":
        return True
    own = row.get(name)
    tests: dict[str, Callable[[], bool]] = {
        "after": lambda: own is not None and own > int(value),
        "before": lambda: own is not None and own < int(value),
        "is": lambda: own == value,
        "in": lambda: own in json.loads(value),
    }
    return tests[operator]()


def _paged(rows: list[dict[str, Any]], path: str, query: dict[str, str]) -> dict[str, Any]:
    """Rows after the offset, which is the sort value and id of the last row of the page before."""
    descending = "sort_by[desc]" in query
    order = query.get("sort_by[asc]") or query.get("sort_by[desc]") or "created_at"
    ranked = sorted(((str(row.get(order, 0)).rjust(20), row["id"], row) for row in rows), reverse=descending)
    if "offset" in query:
        after = tuple(json.loads(query["offset"]))
        ranked = [item for item in ranked if item[:2] > after]
    limit = int(query.get("limit", "10"))
    page: dict[str, Any] = {"list": [{NAMES[path]: row, "card": {}} for _, _, row in ranked[:limit]]}
    if len(ranked) > limit:
        page["next_offset"] = json.dumps(ranked[limit - 1][:2])
    return page


@contextmanager
def visited(site: Callable[[Asked], Answer], waits: list[float] | None = None) -> Iterator[tuple[Client, PageServer]]:
    """A client of a site that answers over loopback; it notes its waits instead of waiting."""
    with serving(site) as server:
        settings = read_settings(
            "chargebee",
            SYSTEM.credentials,
            SYSTEM.optional,
            {"SYNC_CHARGEBEE_URL": server.url, "SYNC_CHARGEBEE_API_KEY": "test_key"},
        )
        assert settings is not None
        client = SYSTEM.open(settings, lambda: None)
        client.sleep = (waits if waits is not None else []).append
        yield client, server
