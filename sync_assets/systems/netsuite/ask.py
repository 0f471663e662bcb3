"""One question to an account: a SuiteQL statement sent, and its clock, which shows in which zone its times are.

Not here: which statement (query.py, tables.py), what a page means (reads.py).
"""

from datetime import datetime

from sync_assets.connect.clock import own_clock
from sync_assets.http.client import Client
from sync_assets.http.reply import DECODER, Reply
from sync_assets.systems.netsuite.login import Suite
from sync_assets.systems.netsuite.replies import QueryRefusedError, rows_of
from sync_assets.systems.netsuite.wall import UNKNOWN, Wall, measured, reconciled

QUERY_PATH = "/services/rest/query/v1/suiteql"
CLOCK = "SELECT TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS') AS wall FROM DUAL"
CLOCKS = (
    "SELECT TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS') AS wall, "
    "TO_CHAR(CURRENT_DATE, 'YYYY-MM-DD HH24:MI:SS') AS here FROM DUAL"
)
"""The clock of the database's machine, and that of our session. Source: Oracle SQL reference, SYSDATE, CURRENT_DATE."""

PAGE_ROWS = 1000
"""Most rows of a page. Source: NetSuite online help section_156414087576."""


def query(client: Client, statement: str, rows: int = PAGE_ROWS) -> Reply:
    """The reply to a statement; always the first rows, since pages are told apart by their condition.

    Source: NetSuite online help section_157909186990.
    """
    return client.post(QUERY_PATH, {"q": statement}, params=[("limit", rows), ("offset", 0)])


def clock(client: Client) -> datetime | None:
    """The vendor's time now, from the Date header; None where there is none.

    The same request shows in which zone the account's times are. An account that knows neither clock is taken to keep
    UTC, and its windows reach over every zone.
    """
    account = suite(client)
    try:
        reply = _clocks(account)
    except QueryRefusedError as error:
        account.wall_shown = UNKNOWN
        return error.date
    rows, _, _ = rows_of(reply)
    shown = DECODER.decode(rows[0]) if rows else {}
    now = reply.date or own_clock()
    machine = measured(str(shown["wall"]), now) if shown.get("wall") else UNKNOWN
    account.wall_shown = reconciled(machine, shown.get("here"), now)
    return reply.date


def _clocks(account: Suite) -> Reply:
    """Both clocks, or the one that the account knows, which is remembered."""
    if account.has_session_clock:
        try:
            return query(account, CLOCKS, rows=1)
        except QueryRefusedError:
            account.has_session_clock = False
    return query(account, CLOCK, rows=1)


def suite(client: Client) -> Suite:
    """The client as the account that it speaks with; TypeError for another system's."""
    if not isinstance(client, Suite):
        raise TypeError("netsuite is read with the client that its own open() makes.")
    return client


def wall(client: Client) -> Wall:
    """The zone of the account's times, asked for once where no setting names it."""
    account = suite(client)
    if not account.wall_named and not account.wall_shown:
        clock(client)
    return account.wall_named or account.wall_shown or Wall()
