"""What people do about breaks: acts added to the history of a break, and what follows from them.

Nothing here is ever changed or removed: an act that is taken back is a further act.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from sync_assets.model.errors import SettingError
from sync_assets.store.engine import Store

STANDING = """(
    SELECT b.*, assigned.assignee, act.event AS act, act.detail ->> 'until' AS accepted_until,
        coalesce(b.closed_at IS NULL AND act.event = 'accepted'
            AND CAST(act.detail ->> 'until' AS date) >= (clock_timestamp() AT TIME ZONE 'UTC')::date, false)
            AS is_accepted
    FROM integrity.breaks b
    LEFT JOIN LATERAL (
        SELECT e.event, e.detail FROM integrity.break_event e
        WHERE e.break_id = b.break_id AND e.event NOT IN ('assigned', 'explained')
        ORDER BY e.event_id DESC LIMIT 1
    ) act ON true
    LEFT JOIN LATERAL (
        SELECT e.detail ->> 'to' AS assignee FROM integrity.break_event e
        WHERE e.break_id = b.break_id AND e.event = 'assigned' ORDER BY e.event_id DESC LIMIT 1
    ) assigned ON true
)"""
"""The ledger with what people did last. What was accepted is accepted through its day (UTC), and no longer once the
break says something else, closes and opens again, or the acceptance is withdrawn."""

_FIND = text("SELECT break_id FROM integrity.breaks WHERE starts_with(break_id, :start) ORDER BY 1 LIMIT 2")
_OPEN = text("SELECT break_id FROM integrity.breaks WHERE break_id = :break_id AND closed_at IS NULL FOR SHARE")
_ACT = text("""
    INSERT INTO integrity.break_event (break_id, event, at, detail)
    VALUES (:break_id, :event, clock_timestamp(), :detail)
""").bindparams(bindparam("detail", type_=JSONB))
_HISTORY = text(
    "SELECT event, at, run_id, detail FROM integrity.break_event WHERE break_id = :break_id ORDER BY event_id"
)
_ACCEPTED = text(f"""
    SELECT b.break_id, b.class, b.entity_id, b.currency, b.money_at_risk_minor, act.at, act.detail
    FROM {STANDING} b
    JOIN LATERAL (
        SELECT e.at, e.detail FROM integrity.break_event e
        WHERE e.break_id = b.break_id AND e.event = 'accepted' ORDER BY e.event_id DESC LIMIT 1
    ) act ON true
    WHERE b.is_accepted ORDER BY b.accepted_until, b.break_id
""")


def find_break(store: Store, start: str) -> str:
    """The id of the one break whose id begins so.

    Raises:
        SettingError: no break's id does, or several do.
    """
    with store.begin() as connection:
        found = list(connection.execute(_FIND, {"start": start}).scalars())
    if len(found) != 1:
        what = "There is no break" if not found else "There are several breaks"
        raise SettingError(
            f"{what} whose id begins with {start[:20]!r}; `sync-assets breaks --format csv` has the ids."
        )
    return str(found[0])


def add_act(store: Store, break_id: str, event: str, detail: Mapping[str, Any]) -> None:
    """Add an act to an open break; SettingError when it is closed."""
    with store.begin() as connection:
        if connection.execute(_OPEN, {"break_id": break_id}).first() is None:
            raise SettingError(f"The break {break_id} is closed: its copies agree again, there is nothing to do.")
        connection.execute(_ACT, {"break_id": break_id, "event": event, "detail": dict(detail)})


def history(store: Store, break_id: str) -> list[dict[str, Any]]:
    """What happened to a break and what was done about it, oldest first."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_HISTORY, {"break_id": break_id}).mappings()]


def accepted(store: Store) -> list[dict[str, Any]]:
    """The acceptances in force, those that end first at the top."""
    with store.begin() as connection:
        return [dict(row) for row in connection.execute(_ACCEPTED).mappings()]
