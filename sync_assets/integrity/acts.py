"""The ledger and its people: who takes care of a break, what they found out, what is accepted for now and by whom.

Every act is added to the break's history with its author. An acceptance ends by itself: on its day, or when the break
says something else than what was accepted.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sync_assets.integrity.ledger import instant
from sync_assets.model.errors import SettingError
from sync_assets.store.acts import accepted, add_act, find_break, history
from sync_assets.store.engine import Store
from sync_assets.store.overrides import override_gate, overrides

LONGEST = timedelta(days=366)
"""Nothing is accepted for longer than a year at a time."""

WORDS_MAX = 500
"""Characters of a reason or a note."""


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """Who accepts what is wrong, through which day (UTC), why, and who approved it."""

    by: str
    approver: str
    reason: str
    until: date

    def __post_init__(self) -> None:
        """SettingError when it names no second person, no reason, or a day that is over or too far away."""
        today = datetime.now(UTC).date()
        checked_words("reason", self.reason)
        checked_words("approver", self.approver)
        if self.approver.strip().lower() == self.by.strip().lower():
            raise SettingError("Who accepts cannot approve it; name somebody else with --approver.")
        if not today <= self.until <= today + LONGEST:
            raise SettingError(f"--until {self.until} must lie between {today} and {today + LONGEST}.")


def assign(store: Store, break_id: str, to: str, by: str) -> None:
    """Somebody takes care of a break from now on."""
    checked_words("name", to)
    add_act(store, find_break(store, break_id), "assigned", {"to": to, "by": by})


def explain(store: Store, break_id: str, note: str, by: str) -> None:
    """Write down what somebody found out about a break."""
    checked_words("note", note)
    add_act(store, find_break(store, break_id), "explained", {"note": note, "by": by})


def accept(store: Store, break_id: str, terms: Acceptance) -> None:
    """Live with a break for now: until the day is over it is listed, but needs nobody and turns nothing red."""
    detail = {"by": terms.by, "approver": terms.approver, "reason": terms.reason, "until": terms.until.isoformat()}
    add_act(store, find_break(store, break_id), "accepted", detail)


def withdraw(store: Store, break_id: str, by: str) -> None:
    """End an acceptance before its day."""
    add_act(store, find_break(store, break_id), "withdrawn", {"by": by})


def claim_fixed(store: Store, break_id: str, note: str, by: str) -> None:
    """Say that the cause is mended; the break closes by itself once the copies agree."""
    checked_words("note", note)
    add_act(store, find_break(store, break_id), "fixed", {"note": note, "by": by})


def let_pass(store: Store, asset: str, terms: Acceptance) -> None:
    """Let what lies downstream of an asset pass its closed gate for now."""
    words = {"made_by": terms.by, "approver": terms.approver, "reason": terms.reason}
    override_gate(store, asset, terms.until, words)


def told_history(store: Store, break_id: str) -> list[str]:
    """The life of a break, one line an event, oldest first."""
    return [
        f"{instant(row['at'])} {row['event']}"
        + "".join(f", {name.replace('_', ' ')} {value}" for name, value in row["detail"].items() if value is not None)
        for row in history(store, find_break(store, break_id))
    ]


def told_overrides(store: Store) -> list[str]:
    """What is accepted or let pass for now, what ends first at the top."""
    breaks = [
        (row["detail"]["until"], f"break {row['break_id']} ({row['class']} {row['entity_id']})", row["detail"])
        for row in accepted(store)
    ]
    gates = [
        (row["until"].isoformat(), f"gate of {row['asset']}", {**row, "by": row["made_by"]}) for row in overrides(store)
    ]
    return [
        f"until {until}: {what}, by {words['by']}, approved by {words['approver']}: {words['reason']}"
        for until, what, words in sorted([*breaks, *gates], key=lambda each: each[:2])
    ]


def checked_words(what: str, given: str) -> None:
    """SettingError for words that say nothing or too much."""
    if not given.strip():
        raise SettingError(f"The {what} is empty; say it.")
    if len(given) > WORDS_MAX:
        raise SettingError(f"The {what} has {len(given)} characters; {WORDS_MAX} are enough.")
