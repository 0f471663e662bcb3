"""A small system for tests of the reading protocol: one list of notes behind real HTTP, with any fault on top."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pandas as pd

from sync_assets.connect.spec import Column, Mapped, Page, Stream, System, Tombstone, Window
from sync_assets.http.auth import Bearer
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.model.errors import FeedExpiredError
from sync_assets_tests.page_server import Answer, Asked, serving

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class Notes:
    """The source: its clock, its rows in the order of their stamps, and how it misbehaves."""

    now: datetime = NOON
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    invisible: set[str] = field(default_factory=set)
    gone: dict[str, datetime] = field(default_factory=dict)
    page_size: int = 3
    answer_instead: list[Answer] = field(default_factory=list)
    after_page: Callable[[], None] = field(default=lambda: None)
    feed_days: int | None = None
    spoil: tuple[str, str] = ("", "")

    def put(self, name: str, *, total: Any = 100, seconds: int = 0, **more: Any) -> None:
        """Write a row, stamped `seconds` before now."""
        stamp = int((self.now - timedelta(seconds=seconds)).timestamp())
        self.rows[name] = {"id": name, "updated_at": stamp, "total": total, "currency": "EUR", **more}

    def answer(self, asked: Asked) -> Answer:
        """One page after a keyset place, inside the asked window."""
        headers = {"Date": format_datetime(self.now, usegmt=True)}
        if self.answer_instead:
            return self.answer_instead.pop(0)
        if asked.path == "/clock":
            return Answer(headers=headers)
        low, high = int(asked.query.get("from", 0)), int(asked.query["to"])
        after = tuple(json.loads(asked.query["after"])) if "after" in asked.query else (-1, "")
        rows = sorted(
            (row for name, row in self.rows.items() if name not in self.invisible),
            key=lambda row: (row["updated_at"], row["id"]),
        )
        wanted = [row for row in rows if low <= row["updated_at"] <= high and (row["updated_at"], row["id"]) > after]
        page, more = wanted[: self.page_size], len(wanted) > self.page_size
        text = json.dumps({"notes": page, "more": more}, ensure_ascii=False)
        body = (text.replace(*self.spoil) if self.spoil[0] else text).encode("utf-8", "surrogatepass")
        self.after_page()
        return Answer(body=body, headers=headers)


class _Envelope(msgspec.Struct):
    notes: list[msgspec.Raw]
    more: bool


def _envelope(reply: Reply) -> _Envelope:
    try:
        return decode_envelope(reply.body, _Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError):
        reply.json()
        raise


def to_credit_note(frame: pd.DataFrame) -> pd.DataFrame:
    """Notes as credit notes: the smallest entity with money."""
    return frame.assign(status="open", is_void=False).rename(columns={"total": "total_minor"})[
        ["record_id", "customer_id", "currency", "total_minor", "status", "is_void"]
    ]


NOTES = Stream(
    name="notes",
    key=("id",),
    document="https://example.com/notes",
    stamp="updated_at",
    stamp_kind="unix_s",
    deleted="deleted",
    lateness_s=600,
    mappings=(
        Mapped(
            entity="credit_note",
            columns=(
                Column(name="total", path="total", kind="integer", required=True),
                Column(name="currency", path="currency", required=True),
                Column(name="customer_id", path="id"),
            ),
            to=to_credit_note,
        ),
    ),
)


def notes_system(notes: Notes, url: str) -> System:
    """The system that reads the notes."""

    def read(client: Client, _stream: Stream, window: Window, place: str | None) -> Page:
        reach = None if notes.feed_days is None else notes.now - timedelta(days=notes.feed_days)
        if reach and window.start and window.start < reach and not window.backfill:
            raise FeedExpiredError
        params: list[tuple[str, str | int]] = [("to", int(window.end.timestamp()))]
        params += [("from", int(window.start.timestamp()))] if window.start else []
        params += [("after", place)] if place else []
        reply = client.get("/notes", params)
        envelope = _envelope(reply)
        last = msgspec.json.decode(envelope.notes[-1]) if envelope.notes else {}
        following = json.dumps([last["updated_at"], last["id"]]) if envelope.more else None
        gone = [Tombstone(record_id=name, deleted_at=at) for name, at in notes.gone.items()]
        return Page(
            body=reply.body,
            records=[bytes(raw) for raw in envelope.notes],
            next=following,
            deleted=gone if following is None else (),
        )

    def find(_client: Client, _stream: Stream, _ids: Sequence[str]) -> Page:
        return Page(body=b"", records=[], next=None)

    return System(
        name="notes",
        role="billing",
        api_version="1",
        document="https://example.com",
        streams=(NOTES,),
        credentials=(("API_KEY",),),
        rate_per_minute=60_000,
        open=lambda _settings, budget: Client(
            system="notes", base_url=url, auth=Bearer(token="k"), budget=budget, sleep=lambda _s: None
        ),
        clock=lambda client: client.get("/clock").date or NOON,
        read=read,
        find=find,
        probe=lambda _client, _last: "",
    )


@contextmanager
def served(notes: Notes) -> Iterator[System]:
    """The system, with its source served on loopback."""
    with serving(notes.answer) as server:
        yield notes_system(notes, server.url)
