"""The shape of a system as data. A vendor's folder fills these in; everything else is derived from them.

Belongs here: the dataclasses a vendor declares itself with. Not here: how they are carried out (extract, conform).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from sync_assets.gates.expectations import Expectation
from sync_assets.http.client import Client

if TYPE_CHECKING:
    import pandas as pd

    from sync_assets.connect.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Window:
    """What one read covers: change stamps from `start` to `end`, both included, on the vendor's clock.

    `start` None reads everything that exists. `earliest` bounds the documents of a first read (`SYNC_<SYSTEM>_START`).
    `backfill` is a second look at past days that loses nothing by what can no longer be seen: a reader whose change
    feed does not reach back reads what lists still show of those days by stamp or creation, skips the feed for the
    part that is gone, and never raises FeedExpiredError.
    """

    start: datetime | None
    end: datetime
    earliest: datetime
    backfill: bool = False


@dataclass(frozen=True, kw_only=True)
class Tombstone:
    """A record that the vendor says is gone, or was merged into another.

    `rank` is set where nobody said so and its absence was seen: as of which version of it or of what it is part of, so
    that whoever is seen later outranks it. Else it ranks by when the record was deleted.
    """

    record_id: str
    deleted_at: datetime
    merged_into: str | None = None
    rank: int | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """One step of a read.

    `body` is what the vendor sent, byte for byte. `records` are the JSON objects in it, one per record: slices of the
    body where the body is JSON, composed where it is not (CSV, a record and the rest of its lines). `next` is the
    opaque place of the following page; None only when the vendor has positively said that there is none.
    `covered_until` is the vendor's own safe mark, when it gives one. `whole` names records of the stream that this one
    is `part_of` whose parts are all on this page, so that a stored part which is not among them is gone. `unsure` names
    records of a lookup that the vendor neither showed nor said to be gone: nothing follows from their absence.
    `left_out` names fields that the vendor refused to show, so that their absence says nothing of the records.
    """

    body: bytes
    records: Sequence[bytes]
    next: str | None
    deleted: Sequence[Tombstone] = ()
    covered_until: datetime | None = None
    whole: Sequence[str] = ()
    unsure: Sequence[str] = ()
    left_out: Sequence[str] = ()


class Sighting(NamedTuple):
    """One record that exists at the source, as the auditor's own list shows it.

    `stamped_at` is its change stamp, where the vendor gives the record one, and `born_at` when it was made. A record
    that we need not have (older than what a bounded stream reads) is not `is_due`: it only proves no ghost. `content`
    is the record as bytes, where the list shows it whole and as the reader does; `changed_at` then is since when it is
    so, where it says that but not by the stream's change stamp.
    """

    record_id: str
    stamped_at: datetime | None = None
    born_at: datetime | None = None
    is_due: bool = True
    content: bytes | None = None
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Roll:
    """One page of an auditor's list: who is there, and the place of the next page, None at the positive end.

    `counted` is how many the vendor says there are, when it was asked.
    """

    sightings: Sequence[Sighting]
    next: str | None
    counted: int | None = None


@dataclass(frozen=True, kw_only=True)
class Column:
    """One value read out of a record: its name in the frame, its dotted path, and how it is written by the vendor.

    `path` is relative to the record, or to the element when the mapping reads `each` of a list; a leading `/` then
    means the record itself. `kind` is a key of `connect/kinds.py::READERS`: text, integer, decimal, flag, unix_s,
    unix_ms, iso (instant with zone), day (YYYY-MM-DD), list (Python list, untouched), record (Python dict, untouched).
    A required column that is absent or null rejects the record with `missing_field`. `setting` is one of the system's
    (without prefix) that names the last step of the path where a company calls the field otherwise.
    """

    name: str
    path: str
    kind: str = "text"
    required: bool = False
    setting: str = ""


def later(module: str, name: str) -> "Callable[[pd.DataFrame], pd.DataFrame]":
    """A mapping that is imported when it is first used: pandas must not load with the code location.

    Its `__module__` says where it will be found.
    """

    def call(frame: "pd.DataFrame") -> "pd.DataFrame":
        mapping: Callable[[pd.DataFrame], pd.DataFrame] = getattr(import_module(module), name)
        return mapping(frame)

    call.__module__ = module
    return call


Audit = Callable[[Client, "Stream", datetime, str | None], Roll]
"""A page of what exists of a stream since an instant, by another way than it is read; `None` as place starts it."""


def audited_in(module: str) -> Audit:
    """The auditor's list of a system, `rolled` of that module, imported when an audit begins."""

    def call(client: Client, stream: "Stream", earliest: datetime, place: str | None) -> Roll:
        rolled: Audit = import_module(module).rolled
        return rolled(client, stream, earliest, place)

    return call


@dataclass(frozen=True, kw_only=True)
class Mapped:
    """How records of a stream become copies of one entity.

    `to` is a pure function: a frame with the columns above (plus `version_at`, `observed_at`, `deleted_at` and
    `record_id` as landed) to a frame whose columns are fields of the entity and `record_id`, same index. A row may be
    set aside with a reason of the closed list in a column `reject`. With `each`, the frame has one row per element of
    that list, and rows that a newer version of the record no longer has are removed.
    """

    entity: str
    columns: tuple[Column, ...]
    to: "Callable[[pd.DataFrame], pd.DataFrame]"
    each: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One list of a system.

    Attributes:
        name: the census name, e.g. `invoices`.
        key: dotted paths whose values, joined with `key_separator`, are the record id.
        key_kind: how those values are written (a kind of `Column`): where one record may be named in two forms, or
            where ids are whole numbers that order the records.
        stamp: dotted path of the change stamp; None for a snapshot, which is read whole each time.
        stamp_kind: how the stamp is written (a kind of `Column`).
        version: dotted path of a number that grows with every change, when the vendor has one better than the stamp.
        stamped: the vendor stamps every record, so that one without a stamp is set aside.
        deleted: dotted path of a flag that is true on a record deleted at the source.
        merged_into: dotted path of the id of the record that a merge left standing.
        lateness_s: how long a change may stay invisible after its stamp, plus the stamp's granularity: the overlap.
        bounded: the first read goes back to `SYNC_<SYSTEM>_START` only (events, usage, payments, ledger lines).
        probed: the system's change probe sees this stream; others ride the hourly sync.
        immutable: records never change once written, so the stamp is the creation time.
        constant: dotted path of what an id stands for, for ever; told otherwise, the first telling stays.
        composed: fields that our reading adds to the vendor's record; their absence says nothing of the vendor.
        part_of: the stream whose records these are parts of; their ids begin with its ids, so they go with it.
        document: the vendor's page on this list.
        read: what only the vendor's reader understands (path, envelope, sort field...).
        mappings: how records become copies.
    """

    name: str
    key: tuple[str, ...]
    document: str
    key_separator: str = "-"
    key_kind: str = "text"
    stamp: str | None = None
    stamp_kind: str = "iso"
    version: str | None = None
    stamped: bool = False
    deleted: str | None = None
    merged_into: str | None = None
    lateness_s: int = 600
    bounded: bool = False
    probed: bool = True
    immutable: bool = False
    constant: str | None = None
    composed: tuple[str, ...] = ()
    part_of: str | None = None
    description: str = ""
    read: Mapping[str, Any] = field(default_factory=dict)
    mappings: tuple[Mapped, ...] = ()
    expectations: tuple[Expectation, ...] = ()

    @property
    def is_snapshot(self) -> bool:
        """Read whole each time, since no change stamp exists."""
        return self.stamp is None


@dataclass(frozen=True, kw_only=True)
class System:
    """One system: who it is, how to talk to it, and its streams.

    Attributes:
        name: the system's name, as in its settings.
        role: crm, billing, payments, erp or product.
        credentials: alternative sets of settings (without prefix), the first complete one is used.
        optional: settings with their defaults, e.g. {"API_VERSION": "67.0"}. A default `URL` belongs here too.
        open: a ready client from the settings; sends no request.
        clock: the vendor's time now, from a reply's Date header or a server-time call; one request. None where it
            tells none.
        read: one page of a stream in a window; `None` as place starts it. Raises FeedExpiredError when an incremental
            window lies outside what the vendor's change feed still holds.
        find: the named records of a stream as they stand now; absent ones are not in the page, unless as `unsure`.
        probe: a short text that changes whenever a probed stream changed; at most three requests. The argument is
            the text of the last probe, None at first.
        audit: a page of the ids and change stamps that exist of a stream since its earliest day, by code that shares
            nothing with `read` and, where the vendor offers one, by another list or order.
        rate_per_minute: the vendor's documented limit for the account kind.
        parallel: how many pages the vendor allows to be asked for at once.
        document: the vendor's API reference.
    """

    name: str
    role: str
    api_version: str
    document: str
    streams: tuple[Stream, ...]
    credentials: tuple[tuple[str, ...], ...]
    optional: Mapping[str, str] = field(default_factory=dict)
    rate_per_minute: int
    open: "Callable[[Settings, Callable[[], None]], Client]"
    clock: Callable[[Client], datetime | None]
    read: Callable[[Client, Stream, Window, str | None], Page]
    find: Callable[[Client, Stream, Sequence[str]], Page]
    probe: Callable[[Client, str | None], str]
    audit: Audit | None = None
    parallel: int = 1

    def stream(self, name: str) -> Stream:
        """The stream of that census name; KeyError names the streams there are."""
        for stream in self.streams:
            if stream.name == name:
                return stream
        names = ", ".join(stream.name for stream in self.streams)
        raise KeyError(f"{self.name} has no stream {name}; it has {names}.")
