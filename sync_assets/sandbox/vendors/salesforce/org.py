"""The org's own side of the data: writes, deletions, merges, the recycle bin and the delete log.

Belongs here: what happens to rows, whoever causes it. How rows are asked for is the business of the query modules.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sync_assets.sandbox.shelf import Record, Shelf
from sync_assets.sandbox.vendors.salesforce.derived import CURRENCY_FROM, FILL, NUMBERED
from sync_assets.sandbox.vendors.salesforce.ids import numbered_id, pod_of, to_18
from sync_assets.sandbox.vendors.salesforce.quirks import Quirks
from sync_assets.sandbox.vendors.salesforce.rows import Rows
from sync_assets.sandbox.vendors.salesforce.schema import CASCADES, PARENTS, Field, SObject, org_objects
from sync_assets.sandbox.vendors.salesforce.values import kind_of, stamp, stored

BIN_KEEPS = timedelta(days=15)
"""How long a deleted row stays in the recycle bin. Source: help article on the Recycle Bin, getDeleted() guide."""

_ORG_ONLY = ("IsDeleted", "SystemModstamp", "LastModifiedById")
"""Fields nobody writes but the org itself; `put` ignores them."""

_PARENT_FIELDS = {stream: tuple(name for other, name in PARENTS if other == stream) for stream, _ in PARENTS}


@dataclass(frozen=True, kw_only=True)
class Deletion:
    """One line of the delete log."""

    record_id: str
    deleted_at: datetime
    visible_at: datetime


@dataclass(kw_only=True)
class Org:
    """All rows of one simulated org, and the verbs that change them."""

    shelf: Shelf
    seed: int
    quirks: Quirks = field(default_factory=Quirks)
    corporate_currency: str = "USD"
    objects: dict[str, SObject] = field(default_factory=org_objects)
    rows: dict[str, Rows] = field(default_factory=dict)
    deletions: dict[str, deque[Deletion]] = field(default_factory=dict)
    _children: dict[tuple[str, str, str], dict[str, None]] = field(default_factory=dict)
    _counted: dict[str, int] = field(default_factory=dict)
    _stamped: tuple[datetime, str] | None = None

    def __post_init__(self) -> None:
        self.rows = {stream: Rows() for stream in self.objects}
        self.deletions = {stream: deque() for stream in self.objects}
        self.pod = pod_of(self.seed)
        self.user_id = numbered_id("005", self.pod, 1)
        self.org_id = numbered_id("00D", self.pod, 1)
        self.put("organization", {"Id": self.org_id, "Name": f"Sandbox {self.seed}", "OrganizationType": "Enterprise"})

    def new_id(self, stream: str) -> str:
        """A fresh 18 character id of the stream's object."""
        number = self._counted[stream] = self._counted.get(stream, 0) + 1
        return numbered_id(self.objects[stream].prefix, self.pod, number)

    def put(self, stream: str, record: Record, *, visible_at: datetime | None = None, keep_stamp: bool = False) -> None:
        """Create or change one row; `keep_stamp` changes values without a trace, as a formula field does.

        Raises:
            KeyError: unknown stream or standard field, or no Id.
            ValueError: the id is malformed, or its row is in the recycle bin.
        """
        given = self._given(self.objects[stream], record)
        record_id = given["Id"]
        before = self.rows[stream].newest.get(record_id)
        if before is not None and before["IsDeleted"]:
            raise ValueError(f"{stream} {record_id} is deleted; undelete it first.")
        after = {**(before or self._new(stream, record_id, given)), **given}
        if stream in FILL:
            FILL[stream](after, given, self._held)
        if before is None or not keep_stamp:
            self._stamp(after, given)
        self._write(stream, record_id, after, visible_at=visible_at)

    def delete(self, stream: str, record_id: str, *, visible_at: datetime | None = None) -> None:
        """Move a row and the rows it owns to the recycle bin.

        Raises:
            KeyError: there is none, or it is there already.
        """
        record_id = to_18(record_id)
        for child_stream, child_id in self._living_children(record_id, CASCADES):
            self.delete(child_stream, child_id, visible_at=visible_at)
        self._bin(stream, record_id, {}, visible_at)

    def undelete(self, stream: str, record_id: str) -> None:
        """Take a row back out of the recycle bin; its children stay where they are."""
        row = dict(self.rows[stream].newest[to_18(record_id)], IsDeleted=False)
        self._stamp(row, {})
        self._write(stream, row["Id"], row)

    def purge(self, stream: str, record_id: str) -> None:
        """Delete a row for good: from now on only the delete log knows it."""
        record_id = to_18(record_id)
        if not self.rows[stream].newest[record_id]["IsDeleted"]:
            self.delete(stream, record_id)
        self.rows[stream].purge(record_id)

    def merge(self, loser_id: str, winner_id: str) -> None:
        """Merge two accounts: the loser is deleted and names its winner, what hung on it moves over.

        Source: object reference, Account.MasterRecordId; merge() call.
        """
        loser_id, winner_id = to_18(loser_id), to_18(winner_id)
        for stream, name in PARENTS:
            for child_stream, child_id in self._living_children(loser_id, ((stream, name),)):
                self.put(child_stream, {"Id": child_id, name: winner_id})
        self._bin("accounts", loser_id, {"MasterRecordId": winner_id}, None)
        self.put("accounts", {"Id": winner_id})  # the winner is saved again, and its stamp moves

    def settle(self, stream: str) -> Rows:
        """The rows of a stream as they stand now: late ones shown, the recycle bin emptied of what is too old."""
        now = self.shelf.clock.now()
        rows = self.rows[stream]
        rows.settle(now)
        log = self.deletions[stream]
        while log and log[0].deleted_at < now - BIN_KEEPS:
            gone = log.popleft()
            row = rows.newest.get(gone.record_id)
            if row is not None and row["IsDeleted"] and row["SystemModstamp"] <= stamp(gone.deleted_at):
                rows.purge(gone.record_id)
        return rows

    def _living_children(self, parent_id: str, links: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
        children = [
            (stream, child) for stream, name in links for child in self._children.get((stream, name, parent_id), ())
        ]
        held = [(stream, child, self._held(stream, child)) for stream, child in children]
        return [(stream, child) for stream, child, row in held if row and not row["IsDeleted"]]

    def _bin(self, stream: str, record_id: str, changes: Record, visible_at: datetime | None) -> None:
        before = self.rows[stream].newest[record_id]
        if before["IsDeleted"]:
            raise KeyError(f"{stream} {record_id} is in the recycle bin already.")
        row = {**before, **changes, "IsDeleted": True}
        self._stamp(row, {})
        self._write(stream, record_id, row, visible_at=visible_at)
        now = self.shelf.clock.now()
        line = Deletion(record_id=record_id, deleted_at=now, visible_at=self._shown_at(visible_at))
        self.deletions[stream].append(line)

    def _write(self, stream: str, record_id: str, row: Record, *, visible_at: datetime | None = None) -> None:
        with self.shelf.lock:
            before = self._held(stream, record_id)
            for name in _PARENT_FIELDS.get(stream, ()):
                old, new = before.get(name), row.get(name)
                if old and old != new:
                    self._children[(stream, name, old)].pop(record_id, None)
                if new and old != new:
                    self._children.setdefault((stream, name, new), {})[record_id] = None
            kept = {name: value for name, value in row.items() if value is not None}  # an absent column reads as null
            shown_at = self._shown_at(visible_at)
            self.rows[stream].add(
                self.shelf.put(stream, record_id, kept, visible_at=shown_at, deleted=kept["IsDeleted"])
            )

    def _shown_at(self, visible_at: datetime | None) -> datetime:
        return visible_at or self.shelf.clock.now() + timedelta(seconds=self.quirks.late_visible_s)

    def _given(self, sobject: SObject, record: Record) -> Record:
        given: Record = {}
        for name, value in record.items():
            column = sobject.fields.get(name) or self._custom(sobject, name, value)
            given[column.name] = stored(value, column.kind)
        for name in _ORG_ONLY:
            given.pop(name, None)
        return given

    def _custom(self, sobject: SObject, name: str, value: object) -> Field:
        if not name.endswith("__c"):
            raise KeyError(f"{sobject.name} has no field {name}; a custom one ends in __c.")
        sobject.add(Field(name=name, kind=kind_of(value)))
        return sobject.fields[name]

    def _new(self, stream: str, record_id: str, given: Record) -> Record:
        columns = self.objects[stream].fields
        row: Record = {"Id": record_id, "IsDeleted": False, "CreatedById": self.user_id}
        row["CreatedDate"] = self._now_text()
        if "OwnerId" in columns:
            row["OwnerId"] = self.user_id
        if stream in NUMBERED:
            number = self._counted[NUMBERED[stream]] = self._counted.get(NUMBERED[stream], 99) + 1
            row[NUMBERED[stream]] = f"{number:08d}"
        if "CurrencyIsoCode" in columns:
            parent, name = CURRENCY_FROM.get(stream, ("", ""))
            row["CurrencyIsoCode"] = self._held(parent, given.get(name)).get("CurrencyIsoCode", self.corporate_currency)
        return row

    def _held(self, stream: str, record_id: str | None) -> Record:
        return self.rows[stream].newest.get(record_id or "", {}) if stream else {}

    def _stamp(self, row: Record, given: Record) -> None:
        now = self._now_text()
        row["SystemModstamp"] = now
        row["LastModifiedDate"] = given.get("LastModifiedDate", now)
        row["LastModifiedById"] = self.user_id

    def _now_text(self) -> str:
        now = self.shelf.clock.now()
        if self._stamped is None or self._stamped[0] != now:
            self._stamped = (now, stamp(now))
        return self._stamped[1]
