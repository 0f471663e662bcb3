"""A Stripe account for tests: lists newest first, objects by id, and events, as their documents describe them."""

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
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving

PAGES = Path(__file__).parent / "pages"
NOW = 1_793_613_600
"""2026-11-02 10:00:00 UTC."""

MISSING = {"type": "invalid_request_error", "code": "resource_missing", "param": "starting_after", "message": "No such"}


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def fixture(name: str) -> dict[str, Any]:
    """An object of Stripe's own fixtures."""
    found: dict[str, Any] = json.loads((PAGES / "fixtures3.json").read_text())["resources"][name]
    return found


def webhooks() -> dict[str, dict[str, Any]]:
    """Events written by others, by file."""
    return {path.stem: json.loads(path.read_text()) for path in sorted((PAGES / "webhook_events").glob("*.json"))}


def event(name: str, kind: str, about: dict[str, Any], seconds: int) -> dict[str, Any]:
    """An event about an object as it was."""
    return {"id": name, "object": "event", "type": kind, "created": seconds, "data": {"object": about}}


@dataclass(kw_only=True)
class Account:
    """What the account holds, by list; `paid_out` names the entries of each payout; `before` may answer instead."""

    objects: dict[str, list[dict[str, Any]]]
    paid_out: dict[str, list[str]] = field(default_factory=dict)
    now: int = NOW
    before: Callable[[Asked], Answer | None] = field(default=lambda _asked: None)

    def answer(self, asked: Asked) -> Answer:
        """A list or one object, as the documents describe them."""
        if (said := self.before(asked)) is not None:
            return said
        path = asked.path.removeprefix("/v1/").split("/")
        rows = self.objects.get(path[0], [])
        if len(path) == 2:
            return self._one(rows, path[1])
        rows = [row for row in rows if self._asked_for(row, asked.query) and not row.get("deleted")]
        return self._paged(sorted(rows, key=lambda row: (row["created"], row["id"]), reverse=True), asked)

    def json(self, value: Any, status: int = 200) -> Answer:
        """An answer dated by the account's clock."""
        date = format_datetime(at(self.now), usegmt=True)
        return Answer(body=json.dumps(value, indent=2).encode(), status=status, headers={"Date": date})

    def _one(self, rows: list[dict[str, Any]], name: str) -> Answer:
        row = next((row for row in rows if row["id"] == name), None)
        if row is None:
            return self.json({"error": {**MISSING, "param": "id"}}, 404)
        return self.json({"id": name, "object": row["object"], "deleted": True} if row.get("deleted") else row)

    def _asked_for(self, row: dict[str, Any], query: dict[str, str]) -> bool:
        within = int(query.get("created[gte]", 0)) <= row["created"] <= int(query.get("created[lte]", 2**40))
        return within and ("payout" not in query or row["id"] in self.paid_out.get(query["payout"], []))

    def _paged(self, rows: list[dict[str, Any]], asked: Asked) -> Answer:
        if (after := asked.query.get("starting_after")) is not None:
            names = [row["id"] for row in rows]
            if after not in names:
                return self.json({"error": MISSING}, 400)
            rows = rows[names.index(after) + 1 :]
        limit = int(asked.query.get("limit", "10"))
        return self.json({"object": "list", "url": asked.path, "has_more": len(rows) > limit, "data": rows[:limit]})


@contextmanager
def opened(answer: Callable[[Asked], Answer], waits: list[float] | None = None) -> Iterator[tuple[Client, PageServer]]:
    """A client of an account that answers over loopback; it notes its waits instead of waiting."""
    with serving(answer) as server:
        settings = read_settings(
            "stripe",
            SYSTEM.credentials,
            SYSTEM.optional,
            {"SYNC_STRIPE_URL": server.url, "SYNC_STRIPE_API_KEY": "sk_test_key"},
        )
        assert settings is not None
        client = SYSTEM.open(settings, lambda: None)
        client.sleep = (waits if waits is not None else []).append
        yield client, server
