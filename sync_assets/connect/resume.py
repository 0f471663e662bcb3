"""Going on at a place that an earlier run stored, or saying that nobody ever can.

A cursor may expire, be forgotten with the vendor's next release, or be written in a form that we no longer read. Asking
for it again on every run would stop its stream for good. Not here: what is done then (extract.py).
"""

import json
from dataclasses import dataclass

import msgspec

from sync_assets.connect.spec import Page, Stream, System, Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, PlaceLostError, UnreachableError

REFUSED = frozenset({400, 404, 410, 416, 422})
"""Statuses of a request that is wrong as it stands: sent again, it is as wrong as before."""

_UNREADABLE = (msgspec.DecodeError, json.JSONDecodeError, KeyError)


@dataclass(frozen=True, kw_only=True)
class Resumed:
    """A read that goes on: what is read, and whether somebody asked for all of it (`--full`), at any price."""

    system: System
    client: Client
    stream: Stream
    window: Window
    is_full: bool


def page_at_stored_place(read: Resumed, place: str) -> Page:
    """The page at a place of an earlier run.

    A refusal may be about anything: our rights, a field, the address. It counts as one of the place only when the same
    read is answered from its beginning. Who asks for a full read is not kept waiting by an untrustworthy page either.

    Raises:
        PlaceLostError: the place is refused or unreadable, and the list can be read from its beginning.
        SyncError: as of any page.
    """
    try:
        return read.system.read(read.client, read.stream, read.window, place)
    except (ContractError, UnreachableError) as error:
        if read.client.last_status not in REFUSED and not read.is_full:
            raise
        _must_begin(read, error)
        raise PlaceLostError(str(error)) from error
    except _UNREADABLE as error:
        raise PlaceLostError(f"{read.system.name} {read.stream.name}: the stored place cannot be read.") from error


def _must_begin(read: Resumed, error: Exception) -> None:
    """Raise the error unless the first page of the same window is answered."""
    try:
        read.system.read(read.client, read.stream, read.window, None)
    except (ContractError, UnreachableError):
        raise error from None
