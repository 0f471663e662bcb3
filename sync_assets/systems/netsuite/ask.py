"""One question to an account: a SuiteQL statement sent, and its clock, which shows in which zone its times are.

Not here: which statement (query.py, tables.py), what a page means (reads.py).
"""

from datetime import UTC, datetime

from sync_assets.http.client import Client
from sync_assets.http.reply import DECODER, Reply
from sync_assets.systems.netsuite.login import Suite
from sync_assets.systems.netsuite.replies import QueryRefusedError, rows_of
from sync_assets.systems.netsuite.wall import UNKNOWN, Wall, measured

QUERY_PATH = "/services/rest/query/v1/suiteql"
CLOCK = "SELECT TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS') AS wall FROM DUAL"

PAGE_ROWS = 1000
"""Most rows of a page. Source: NetSuite online help section_156414087576."""


def query(client: Client, statement: str, rows: int = PAGE_ROWS) -> Reply:
    """The reply to a statement; always the first rows, since pages are told apart by their condition.

    Source: NetSuite online help section_157909186990.
    """
    return client.post(QUERY_PATH, {"q": statement}, params=[("limit", rows), ("offset", 0)])


def clock(client: Client) -> datetime:
    """The vendor's time now, from the Date header; the same request shows in which zone the account's times are.

    An account that does not know SYSDATE is taken to keep UTC.
    """
    suite = _suite(client)
    try:
        reply = query(client, CLOCK, rows=1)
    except QueryRefusedError as error:
        suite.wall_shown = UNKNOWN
        return error.date or datetime.now(UTC)
    rows, _, _ = rows_of(reply)
    shown = DECODER.decode(rows[0]).get("wall") if rows else None
    now = reply.date or datetime.now(UTC)
    suite.wall_shown = measured(str(shown), now) if shown else UNKNOWN
    return now


def _suite(client: Client) -> Suite:
    if not isinstance(client, Suite):
        raise TypeError("netsuite is read with the client that its own open() makes.")
    return client


def wall(client: Client) -> Wall:
    """The zone of the account's times, asked for once where no setting names it."""
    suite = _suite(client)
    if not suite.wall_named and not suite.wall_shown:
        clock(client)
    return suite.wall_named or suite.wall_shown or Wall()
