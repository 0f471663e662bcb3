"""Where a read stands: what is still to read, and the keys of the last row. It is all that a read remembers.

What the account turns out not to have, or our user not to see, is left out from there on. Not here: which rows are
asked for (reads.py, deletions.py, glance.py).
"""

from collections.abc import Callable, Sequence

import msgspec

from sync_assets.http.client import Client
from sync_assets.http.reply import Reply
from sync_assets.systems.netsuite.ask import query, wall
from sync_assets.systems.netsuite.query import Table
from sync_assets.systems.netsuite.replies import NotPermittedError, QueryRefusedError, named_words, refused_words

DELETIONS = "deleted"
"""The phase of a read that asks for the list of deletions, after one phase per change stamp."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a read.

    `phases` are the columns still to filter by (the first is being read; an empty one filters nothing), `low` and
    `high` the window in wall time, `without` the columns that the account refused.
    """

    phases: tuple[str, ...]
    low: str = ""
    high: str = ""
    after: tuple[int, ...] = ()
    without: tuple[str, ...] = ()

    def written(self) -> str:
        """The place as text, to be handed back for the following page."""
        return msgspec.json.encode(self).decode()


def placed(text: str) -> Place:
    """The place of such a text."""
    return msgspec.json.decode(text, type=Place)


Ask = Callable[[Place], Reply]

REFUSALS = (QueryRefusedError, NotPermittedError)
"""What the account says of a part that it lacks or hides from our role, and of a trouble that passes."""


def asked(
    client: Client, table: Table, here: Place, conditions: Callable[[Place], Sequence[str]]
) -> tuple[Place, Reply]:
    """The reply to a statement, and the place less the parts that the account refused, which are remarked.

    Raises:
        QueryRefusedError, NotPermittedError: what is left cannot be spared.
    """

    def ask(at: Place) -> Reply:
        return query(client, table.statement(conditions(at), at.without, wall(client).suffix))

    try:
        there, reply = _less_named(ask, table, here)
    except REFUSALS:
        there, reply = _less_unnamed(ask, table, here)
    if there.without:
        names = ", ".join(table.left_out(there.without))
        client.remark(f"{table.name} has no {names}, or our user may not see it; it is read as empty")
    return there, reply


def _less_named(ask: Ask, table: Table, here: Place) -> tuple[Place, Reply]:
    """The reply to a statement less what refusals name for sure; any other refusal is raised."""
    while True:
        try:
            return here, ask(here)
        except REFUSALS as error:
            here = _less(here, _named(table, named_words(error.detail), here), error)


def _less_unnamed(ask: Ask, table: Table, here: Place) -> tuple[Place, Reply]:
    """The reply to a statement that was refused without a name: the same once more, else less one part after the other.

    A right that is missing for a joined table refuses the whole statement, and so does a trouble that passes. So what
    was not named is left out only where the whole is refused again after the rest was answered.

    Raises:
        QueryRefusedError, NotPermittedError: the last one, when nothing optional is left.
    """
    less = here
    while True:
        try:
            found = _less_named(ask, table, less)
            break
        except REFUSALS as error:
            less = _less(less, _expendable(table, less, error), error)
    if less == here:
        return found
    try:
        return _less_named(ask, table, here)
    except REFUSALS:
        return found


def _expendable(table: Table, here: Place, error: QueryRefusedError | NotPermittedError) -> tuple[str, ...]:
    """What a refusal may mean: a part of which its sentence speaks, else the next optional one."""
    words = refused_words(error.detail)
    named = _named(table, words, here)
    return named or (() if any(map(table.is_needed, words[:1])) else table.expendable(here.without))


def _named(table: Table, words: Sequence[str], here: Place) -> tuple[str, ...]:
    """The optional parts that the first such word concerns."""
    return next((found for word in words if (found := table.refusable(word, here.without))), ())


def _less(here: Place, parts: Sequence[str], error: QueryRefusedError | NotPermittedError) -> Place:
    """The place less these parts; the error, where there are none or nothing would be left to filter by."""
    kept = tuple(phase for phase in here.phases if phase not in parts)
    if not parts or not kept:
        raise error
    return msgspec.structs.replace(here, without=(*here.without, *parts), phases=kept)
