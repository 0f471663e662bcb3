"""Whether a copy that is overdue and absent is visibly on its way: then it is late, and not broken.

Three things show it: a dead letter of the counterpart's stream that names the record, a window of that stream that
covers it and is not read to its end, and a vendor's own status (which the rule's select tells as `queued`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync_assets.connect.spec import Mapped
from sync_assets.reconcile.rule import Queue
from sync_assets.store.queues import Span, open_letters, streams_with_letters, unfinished_spans

Mappings = Mapping[tuple[str, str], Sequence[tuple[str, Mapped]]]
"""By system and entity, the streams that the entity is made of, each with its mapping."""


@dataclass(frozen=True, kw_only=True)
class Queues:
    """What is under way to our copies at the time of an evaluation. Dead letters are opened when first asked for."""

    connection: Any
    mappings: Mappings
    systems: Mapping[str, Sequence[str]]
    spans: Sequence[Span]
    holding: frozenset[tuple[str, str]]
    _opened: dict[Queue, Mapping[str, str]] = field(default_factory=dict)

    def concern(self, queue: Queue) -> bool:
        """Whether anything at all is under way where the counterpart comes from."""
        streams = {(system, stream) for system, stream, _ in self._sources(queue)}
        return any((span.system, span.stream) in streams for span in self.spans) or bool(streams & self.holding)

    def why(self, queue: Queue, row: Mapping[str, Any], happened: datetime, due: datetime) -> str | None:
        """How it shows that the counterpart of an absent copy is on its way; None when nothing shows it."""
        if row.get("queued"):
            return str(row["queued"])
        if not (row["is_absent"] if "is_absent" in row else row["at_record_id"] is None):
            return None
        return self._set_aside(queue, row) or self._unread(queue, happened, due)

    def _set_aside(self, queue: Queue, row: Mapping[str, Any]) -> str | None:
        if not queue.field:
            return None
        if queue not in self._opened:
            self._opened[queue] = self._open(queue)
        return self._opened[queue].get(queue.name.format(**row))

    def _open(self, queue: Queue) -> Mapping[str, str]:
        """What the dead letters of the counterpart name, and where each lies."""
        from sync_assets.connect.letters import still_says  # pandas must not load with the code location

        by_stream: dict[tuple[str, str], list[Mapped]] = defaultdict(list)
        for system, stream, mapped in self._sources(queue):
            if (system, stream) in self.holding:
                by_stream[system, stream].append(mapped)
        return {
            name: f"{letter.system} {letter.stream} {letter.record_id} names it and waits as a dead letter"
            for letter in open_letters(self.connection, sorted(by_stream))
            if letter.entity in {"", queue.entity}
            for mapped in by_stream[letter.system, letter.stream]
            for name in still_says(mapped, letter, queue.field)
        }

    def _unread(self, queue: Queue, happened: datetime, due: datetime) -> str | None:
        streams = {(system, stream) for system, stream, _ in self._sources(queue)}
        for span in self.spans:
            begins = span.start_at is None or span.start_at <= due
            if (span.system, span.stream) in streams and begins and span.end_at >= happened:
                return f"{span.system} {span.stream} is not read to the end of a window that covers it"
        return None

    def _sources(self, queue: Queue) -> list[tuple[str, str, Mapped]]:
        return [
            (system, stream, mapped)
            for system in self.systems.get(queue.role, ())
            for stream, mapped in self.mappings.get((system, queue.entity), ())
        ]


def queues_now(connection: Any, mappings: Mappings, systems: Mapping[str, Sequence[str]]) -> Queues:
    """What is under way as the evaluation's transaction sees it."""
    return Queues(
        connection=connection,
        mappings=mappings,
        systems=systems,
        spans=unfinished_spans(connection),
        holding=frozenset(streams_with_letters(connection)),
    )
