"""Stripe's lists: one page of one list after a cursor that survives the deletion of the object it names.

Not here: which lists make up the read of a stream (reads.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sync_assets.connect.paging import Place
from sync_assets.http.client import Client
from sync_assets.http.envelope import decode_envelope, is_signed
from sync_assets.http.reply import Reply
from sync_assets.model.errors import ContractError
from sync_assets.systems.stripe.login import judge, said
from sync_assets.systems.stripe.streams import STREAMS

LIMIT = 100
"""Largest page. Source: docs.stripe.com/api/pagination (limit 1 to 100)."""

Params = Sequence[tuple[str, str | int]]

_LISTS = frozenset({"events", *(stream.read["path"] for stream in STREAMS)})


class _Envelope(msgspec.Struct):
    """A list, which says whose it is. Source: docs.stripe.com/api/pagination (`url`)."""

    data: list[msgspec.Raw]
    has_more: bool
    url: str | None = None


class Snapshot(msgspec.Struct):
    """An object as a list or an event shows it: only what names it, each value of whatever type it came with."""

    id: Any = None
    object: Any = None
    created: Any = None
    charge: Any = None
    automatic: Any = None
    reconciliation_status: Any = None

    @property
    def name(self) -> str | None:
        """Its id; None where it has none that can be read."""
        return named_by(self.id)

    @property
    def made(self) -> int | None:
        """When it was created, in unix seconds; None where that cannot be read."""
        return self.created if type(self.created) is int else None


def named_by(value: Any) -> str | None:
    """The id that a field holds as such or expanded; None where it holds none that can be read."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) and found and not is_signed(found) else None


def snapshot(raw: bytes) -> Snapshot:
    """What an object says of itself, as far as it can be read."""
    try:
        return msgspec.json.decode(raw, type=Snapshot)
    except msgspec.DecodeError:
        return Snapshot()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One page of a list: its reply, its objects byte for byte, and the cursor of the next page, if there is one."""

    reply: Reply
    objects: list[bytes]
    following: str | None


def created_between(start: datetime | None, end: datetime) -> list[tuple[str, str | int]]:
    """Filters for objects created from start to end, both included, by Stripe's whole seconds."""
    first = [] if start is None else [("created[gte]", int(start.timestamp() // 1))]
    return [*first, ("created[lte]", int(end.timestamp() // 1))]


def list_page(client: Client, path: str, params: Params, cursor: str | None, *, limit: int = LIMIT) -> Listed:
    """The page of a list after a cursor (None for the first).

    A cursor names the last object seen and its creation time. When Stripe no longer knows the object, the list is
    asked for what was created until then: a few objects of the same second come twice, none is left out.

    Raises:
        ContractError: the answer is no list as documented.
    """
    asked = [("limit", limit), *params]
    if cursor is None:
        return _decoded(client.get(f"/v1/{path}", asked), path)
    name, _, created = cursor.partition(" ")
    reply = client.get(f"/v1/{path}", [*asked, ("starting_after", name)], accept=(400, 404))
    if reply.status < 400:
        return _decoded(reply, path)
    if said(reply).get("code") != "resource_missing" or not created:
        raise _error_of(reply)
    earlier = [(key, value) for key, value in asked if key != "created[lte]"]
    return _decoded(client.get(f"/v1/{path}", [*earlier, ("created[lte]", int(created))]), path)


def _error_of(reply: Reply) -> Exception:
    outcome = judge(reply)
    return getattr(outcome, "error", None) or ContractError(f"Stripe answered HTTP {reply.status}.")


def _decoded(reply: Reply, path: str) -> Listed:
    try:
        envelope = decode_envelope(reply.body, _Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reply.json()
        raise ContractError(f"Stripe's list of {path} is not as documented.") from None
    if envelope.url is not None and _is_another_list(envelope.url, path):
        raise ContractError(
            f"Stripe's list of {path} came as the list at {envelope.url[:80]}: something mixes replies up."
        )
    objects = [bytes(raw) for raw in envelope.data]
    if not envelope.has_more:
        return Listed(reply=reply, objects=objects, following=None)
    following = _cursor_behind(objects)
    if following is None:
        raise ContractError(f"Stripe's list of {path} says that there is more behind no object that has an id.")
    return Listed(reply=reply, objects=objects, following=following)


def _cursor_behind(objects: Sequence[bytes]) -> str | None:
    """The last id on a page that can be read, and the last creation time; None without an id.

    Either may come from an earlier object than the last: the next page then has some objects again, and lacks none.
    """
    name = next((name for raw in reversed(objects) if (name := snapshot(raw).name)), None)
    made = next((made for raw in reversed(objects) if (made := snapshot(raw).made) is not None), "")
    return name and f"{name} {made}".strip()


def _is_another_list(url: str, path: str) -> bool:
    """Whether a list's `url` names another of the lists that are read here.

    It need not be the path that was asked: entries of the ledger have come as `/v1/balance/history`, and filters may
    follow. Source: docs.stripe.com/api/pagination; recorded answers of API versions before 2018.
    """
    name = urlsplit(url).path.removeprefix("/v1/").strip("/")
    return name != path and name in _LISTS


def following_place(at: Place, cursor: str | None, *, steps: int) -> str | None:
    """The place after a page: further in its list, or at the next step, or None after the last."""
    then = at.onward(cursor) if cursor is not None else at.next_step()
    return then.text() if then.step < steps else None
