"""From likeness to links and tasks, and what people decide about them; every decision can be taken back.

Belongs here: the acts and when the comparison runs. Not here: scores (likeness.py) and SQL (store/matches.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.model.errors import SettingError
from sync_assets.store.engine import Store
from sync_assets.store.links import link_customers
from sync_assets.store.matches import (
    changes_to_compare,
    decide,
    events,
    holders,
    keep_matches,
    split_off,
    tasks,
    undo,
)
from sync_assets.store.sides import sides

if TYPE_CHECKING:
    from sync_assets.identity.likeness import Likeness

LISTED_MAX = 1_000
"""Tasks or events that are listed at once."""

Roles = Mapping[str, Sequence[str]]


def link_alike(store: Store, roles: Roles) -> int:
    """Compare records without a link with those they may be; returns how many were linked, the rest become tasks.

    Compared are the unlinked records that changed, and those that were there and share something with a new account.
    """
    taken, through = changes_to_compare(store)
    if through <= taken:
        return 0
    found = _compared(store, roles, taken)
    matches = []
    if found:
        from sync_assets.identity.likeness import judged

        having = holders(store, sorted({each.customer_id for each in found}))
        matches = list(judged(found, having, roles.get("billing", ())))
    linked = keep_matches(store, matches, through)
    link_customers(store, roles, FREE_MAIL, also=linked)
    return len(linked)


def _compared(store: Store, roles: Roles, taken: int) -> "list[Likeness]":
    """The likenesses of whom the changes since `taken` concern; no library is loaded for nobody."""
    both = sides(store, roles, taken)
    if both is None:
        return []
    from sync_assets.identity.likeness import likenesses, table_of

    return likenesses(table_of(both.unlinked), table_of(both.known), both.candidates)


def accept(store: Store, roles: Roles, task: int, words: Mapping[str, str | None]) -> None:
    """The two records of a task are one customer."""
    link_customers(store, roles, FREE_MAIL, also=[decide(store, task, "accepted", words)])


def reject(store: Store, task: int, words: Mapping[str, str | None]) -> None:
    """The two records of a task are two customers; it is not asked again."""
    decide(store, task, "rejected", words)


def split(store: Store, roles: Roles, record: str, words: Mapping[str, str | None]) -> None:
    """A record (system:id) is not the customer it is linked to; it stands alone until that is undone."""
    system, _, record_id = record.partition(":")
    if not record_id:
        raise SettingError(f"{record[:40]!r} names no record; write it as system:id, e.g. chargebee:cus_1.")
    split_off(store, (system, record_id), words)
    link_customers(store, roles, FREE_MAIL, also=[(system, record_id)])


def take_back(store: Store, roles: Roles, event: int, words: Mapping[str, str | None]) -> None:
    """Undo a decision, a person's or that of likeness: links are again what they would be without it."""
    link_customers(store, roles, FREE_MAIL, also=[undo(store, event, words)])


def told_tasks(store: Store, limit: int) -> Iterator[str]:
    """One line a task: its number, the two records, and how far each field agrees; no values."""
    for row in tasks(store, limit):
        agreements = ", ".join(f"{field} {said['agreement']}" for field, said in row["evidence"].items())
        yield f"{row['match_id']}: {row['system']}:{row['record_id']} is like {row['node']} ({agreements})"


def told_events(store: Store, limit: int) -> Iterator[str]:
    """One line an event, newest first."""
    for row in events(store, limit):
        moved = " to ".join(filter(None, (row["was"], row["became"])))
        who = f", by {row['made_by']}" if row["made_by"] else f", by {row['rule']}" if row["rule"] else ""
        why = f": {row['reason']}" if row["reason"] else ""
        what = f"{row['event']} {row['system']}:{row['record_id']} {moved}".rstrip()
        yield f"{row['event_id']}: {row['at']:%Y-%m-%dT%H:%MZ} {what}{who}{why}"
