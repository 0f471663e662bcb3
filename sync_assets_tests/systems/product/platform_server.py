"""Plays an OpenMeter platform over loopback HTTP: the documented lists, with the habits of its server versions."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sync_assets.connect.settings import Settings
from sync_assets.connect.spec import Page, Stream, Window
from sync_assets.http.client import Client
from sync_assets.systems.product.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving

EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)
END = datetime(2026, 11, 20, 12, 0, 0, 400_000, tzinfo=UTC)
EVERYTHING = Window(start=None, end=END, earliest=EARLIEST)
Item = dict[str, Any]


def event(number: int, came_in: str = "2026-11-20T10:00:00Z", **more: Any) -> Item:
    """An ingested event as listed; `time` and other parts of the event may be given."""
    own = {"specversion": "1.0", "id": f"e{number:05d}", "source": "api", "type": "call", "subject": "sub_1"}
    own |= {"time": came_in, "data": {"value": number}} | more
    return {"event": own, "ingestedAt": came_in, "storedAt": came_in}


def meter(slug: str = "calls", **more: Any) -> Item:
    """A meter as listed."""
    created = {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    own = {"id": f"m_{slug}", "slug": slug, "name": slug.title(), "eventType": "call", "aggregation": "SUM"}
    return {**own, **created, "valueProperty": "$.value", **more}


@dataclass(kw_only=True)
class FakePlatform:
    """What the platform holds, and which server version it is."""

    events: list[Item] = field(default_factory=list)
    lists: dict[str, list[Item]] = field(default_factory=dict)
    has_v2: bool = True
    cursor_by_event_time: bool = False
    order_by_event_time: bool = False
    reach: timedelta | None = None
    totals: bool = True
    pages: bool = True
    page_max: int = 1000
    override: Callable[[Asked], Answer | None] = lambda _asked: None
    server: PageServer = field(default_factory=lambda: PageServer(url=""))

    def answer(self, asked: Asked) -> Answer:
        """The documented answer to one request."""
        overridden = self.override(asked)
        if overridden is not None:
            return overridden
        if asked.headers.get("authorization") != "Bearer key":
            return problem(401, "Unauthorized")
        if asked.path == "/api/v2/events":
            return self._events_v2(asked) if self.has_v2 else problem(404, "Not Found")
        if asked.path == "/api/v1/events":
            return self._events_v1(asked)
        _, _, _, name, *rest = asked.path.split("/")
        if rest:
            found = [item for item in self.lists.get(name, []) if item["id"] == rest[0]]
            return as_json(found[0]) if found else problem(404, "Not Found")
        return self.list_of(name, asked, int(asked.query.get("pageSize", "100")))

    def _events_v2(self, asked: Asked) -> Answer:
        only = json.loads(asked.query.get("filter", "{}"))
        assert all(len(operators) == 1 for operators in only.values()), "multiple operators are set"
        found = [item for item in self.events if _passes(item, only)]
        column = "ingestedAt" if "ingestedAt" in only and not self.order_by_event_time else "time"
        found.sort(key=lambda item: (_at(item, column), item["event"]["id"]), reverse=True)
        if "cursor" in asked.query:
            time, _, name = base64.b64decode(asked.query["cursor"]).decode().partition(",")
            behind = (datetime.fromisoformat(time), name)
            found = [item for item in found if (_at(item, column), item["event"]["id"]) < behind]
        some = found[: int(asked.query.get("limit", "100"))]
        # Each page that has items carries a cursor, the last one too.
        cursor = None
        if some:
            stamp = _at(some[-1], "time" if self.cursor_by_event_time else column)
            cursor = base64.b64encode(f"{stamp:%Y-%m-%dT%H:%M:%SZ},{some[-1]['event']['id']}".encode()).decode()
        return as_json({"items": some, "nextCursor": cursor})

    def _events_v1(self, asked: Asked) -> Answer:
        start = datetime.fromisoformat(asked.query["from"]) if "from" in asked.query else END - timedelta(hours=72)
        if self.reach and start < END - self.reach:
            return problem(400, "from date is too old")
        bounds = [("time", "from", "to"), ("ingestedAt", "ingestedAtFrom", "ingestedAtTo")]
        found = [
            item
            for item in self.events
            if all(
                asked.query.get(low, "0") <= _text(item, column) <= asked.query.get(high, "9")
                for column, low, high in bounds
            )
        ]
        found.sort(key=lambda item: _text(item, "time"), reverse=True)
        return as_json(found[: int(asked.query["limit"])])

    def list_of(self, name: str, asked: Asked, size: int) -> Answer:
        """A page of so many items, or everything where there are no pages."""
        items = self.lists.get(name, [])
        if not self.pages or "page" not in asked.query:
            return as_json(items)
        page, size = int(asked.query["page"]), min(size, self.page_max)
        some = items[(page - 1) * size : page * size]
        return as_json(
            {"items": some, "totalCount": len(items), "page": page, "pageSize": size} if self.totals else some
        )


def _text(item: Item, column: str) -> str:
    value: str = item["event"]["time"] if column == "time" else item[column]
    return value


def _at(item: Item, column: str) -> datetime:
    return datetime.fromisoformat(_text(item, column))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$gte": lambda value, bound: value >= bound,
    "$lte": lambda value, bound: value <= bound,
    "$in": lambda value, bound: value in bound,
    "$and": lambda value, tests: all(_holds(value, one) for one in tests),
}


def _holds(value: str, test: dict[str, Any]) -> bool:
    return all(_TESTS[operator](value, bound) for operator, bound in test.items())


def _passes(item: Item, only: dict[str, Any]) -> bool:
    return all(_holds(item[name] if name in item else item["event"][name], test) for name, test in only.items())


def as_json(value: Any) -> Answer:
    """A documented JSON answer."""
    return Answer(body=json.dumps(value).encode())


def problem(status: int, title: str) -> Answer:
    """A documented error (RFC 7807)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": title, "instance": "urn:request:1"}
    return Answer(status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/problem+json"})


@contextmanager
def playing(platform: FakePlatform, key: str = "key") -> Iterator[Client]:
    """A client of the connector in front of the platform."""
    with serving(platform.answer) as server:
        platform.server = server
        settings = Settings(system="product", url=server.url, chosen=("API_KEY",), values={"API_KEY": key})
        client = SYSTEM.open(settings, lambda: None)
        client.sleep = lambda _seconds: None
        yield client


def read_all(client: Client, stream: Stream, window: Window = EVERYTHING) -> list[Page]:
    """Every page of a window."""
    pages = [SYSTEM.read(client, stream, window, None)]
    while pages[-1].next is not None:
        pages.append(SYSTEM.read(client, stream, window, pages[-1].next))
    return pages


def ids(pages: list[Page], path: tuple[str, ...] = ("event", "id")) -> list[str]:
    """The ids in all records, in order."""
    found = []
    for page in pages:
        for raw in page.records:
            record = json.loads(raw)
            for step in path:
                record = record[step]
            found.append(record)
    return found
