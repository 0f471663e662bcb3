"""The oddities of one simulated metering platform, all off by default; a test or scenario replaces the whole set."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Quirks:
    """What this platform does beyond the plain protocol.

    Attributes:
        late_visible_s: an ingested event can be read only so many seconds later, then bearing its early ingestedAt.
        keep_duplicates: events with a known source and id are stored once more instead of being dropped.
        cursor_of_event_time: the cursor of an event page carries the event's own time even where the page is ordered by
            ingestion, as the vendor's server did before it learnt to sort; late events fall between pages.
        cursor_until_empty: a page with any event carries a cursor, so the last page is an empty one.
        events_limit_max: an event page holds at most so many events.
        offset_pages_move: pages by number are ordered by change instead of creation, so a changed record moves.
    """

    late_visible_s: float = 0
    keep_duplicates: bool = False
    cursor_of_event_time: bool = False
    cursor_until_empty: bool = False
    events_limit_max: int = 100
    offset_pages_move: bool = False
