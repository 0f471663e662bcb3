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
from sync_assets.systems.netsuite.replies import NotPermittedError, QueryRefusedError, refused_words

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


def asked(
    client: Client, table: Table, here: Place, conditions: Callable[[Place], Sequence[str]]
) -> tuple[Place, Reply]:
    """The reply to a statement, and the place less the parts that the account refused meanwhile.

    Raises:
        QueryRefusedError, NotPermittedError: what is left cannot be spared.
    """
    while True:
        try:
            return here, query(client, table.statement(conditions(here), here.without, wall(client).suffix))
        except (QueryRefusedError, NotPermittedError) as error:
            here = _less_refused(table, here, error)


def _less_refused(table: Table, here: Place, error: QueryRefusedError | NotPermittedError) -> Place:
    """The place less what the refusal names, or less the next optional part when it names nothing known.

    A right that is missing for a joined table refuses the whole statement, as a missing table does.

    Raises:
        QueryRefusedError, NotPermittedError: the same, when it names what is needed or nothing optional is left.
    """
    words = refused_words(error.detail)
    named = next((found for word in words if (found := table.refusable(word, here.without))), ())
    found = named or (() if any(map(table.is_needed, words[:1])) else table.expendable(here.without))
    kept = tuple(phase for phase in here.phases if phase not in found)
    if not found or not kept:
        raise error
    return msgspec.structs.replace(here, without=(*here.without, *found), phases=kept)
