"""What NetSuite's replies mean: its error envelope, the codes that pass by themselves, and a page of rows.

Belongs here: decisions about one reply. Not here: which request comes next (reads.py).
"""

import re
from datetime import datetime
from typing import Any

import msgspec

from sync_assets.http.envelope import decode_envelope
from sync_assets.http.reply import Reply
from sync_assets.http.retry import Again, Outcome, Refuse, Renew, judge_by_status, retry_after
from sync_assets.model.errors import ContractError, UnreachableError

BUSY_CODES = frozenset(
    {"CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED", "WS_REQUEST_BLOCKED", "WS_CONCUR_SESSION_DISALLWD"}
)
"""Too many requests at once for the account. Source: NetSuite online help bridgehead_1525252812 (names; the REST body
and its status, 400 or 429, are reported by integrators only, so a name counts wherever it stands)."""

DETAIL_MAX = 400
"""Characters of a vendor's sentence worth repeating."""


_ADVICE = (
    "Give the role what it lacks, or name the table in SYNC_NETSUITE_WITHOUT if the account does without it "
    "(`subsidiary` without OneWorld)."
)


class QueryRefusedError(ContractError):
    """The account refused a query, most often because it lacks a column or a table."""

    def __init__(self, detail: str, *, date: datetime | None = None) -> None:
        super().__init__(f"netsuite refused a query: {detail} {_ADVICE}", reason="forbidden")
        self.detail = detail
        self.date = date


class NotPermittedError(UnreachableError):
    """The user behind the credentials lacks a permission, for all that was asked or for one table of it."""

    def __init__(self, detail: str) -> None:
        super().__init__(f"netsuite: the user lacks a permission ({detail}). {_ADVICE}")
        self.detail = detail


def judge(reply: Reply) -> Outcome:
    """What to do after a reply.

    Source: NetSuite online help section_156570709583 (error envelope and status codes).
    """
    if 200 <= reply.status < 300:
        return judge_by_status(reply)
    code, detail = error_of(reply)
    if code in BUSY_CODES or any(busy.encode() in reply.body for busy in BUSY_CODES):
        return Again(after_s=retry_after(reply), because="too many requests at once")
    if code.startswith("INVALID_LOGIN"):
        return Renew()
    if reply.status == 400:
        return Refuse(error=QueryRefusedError(f"{code} {detail}".strip(), date=reply.date))
    if reply.status == 403:
        return Refuse(error=NotPermittedError(f"{code} {detail}".strip()))
    return judge_by_status(reply)


def error_of(reply: Reply) -> tuple[str, str]:
    """The first error's code and sentence; empty where the body is no error envelope.

    Source: NetSuite online help section_156570709583 (`o:errorDetails`), bridgehead_1525252812 (`error`, of RESTlets).
    """
    try:
        answer = reply.json()
    except ContractError:
        return "", ""
    first = _first(answer)
    code = first.get("o:errorCode") or first.get("code")
    detail = first.get("detail") or first.get("message") or (answer.get("title") if first else "")
    return str(code or ""), " ".join(str(detail or "").split())[:DETAIL_MAX]


def _first(answer: Any) -> dict[str, Any]:
    if not isinstance(answer, dict):
        return {}
    details = answer.get("o:errorDetails") or [answer.get("error")]
    return details[0] if isinstance(details, list) and isinstance(details[0], dict) else {}


def refused_words(detail: str) -> list[str]:
    """The names in a refusal that may be the missing column or table, likeliest first, in lower case.

    Refusals read `Field 'x' for record 'y' was not found` or `Unknown identifier 'x'. Available identifiers are ...`.
    """
    return named_words(detail) or re.findall(r"\w+", _said(detail).lower())


def named_words(detail: str) -> list[str]:
    """What a refusal surely names, and does not only use in a sentence: in quotes, or alone at its end behind a colon.

    Refusals also read `Invalid search type: x.`
    """
    said = _said(detail).lower()
    found = re.findall(r"['\"`]([\w.]+)['\"`]", said) or re.findall(r":\s+([\w.]*\w)\.?\s*$", said)
    return [word.rpartition(".")[2] for word in found]


def _said(detail: str) -> str:
    return detail.partition("Available")[0]


class _Rows(msgspec.Struct):
    """The envelope of a query's reply; each row stays a slice of the body."""

    items: list[msgspec.Raw]
    has_more: bool = msgspec.field(name="hasMore")
    count: int | None = None
    total: int | None = msgspec.field(name="totalResults", default=None)


def rows_of(reply: Reply) -> tuple[list[bytes], bool, int | None]:
    """The rows of a page as exact slices, whether more follow, and how many there are in all when it is said.

    Every query asks from its first row on (offset 0), so that a page that nothing follows holds all rows there are.

    Source: NetSuite online help section_157909186990 (`count`, `hasMore`, `totalResults`).

    Raises:
        ContractError: the reply is no page of rows, says that more follow and holds none, or holds other than it says.
    """
    try:
        page = decode_envelope(reply.body, _Rows)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        code, detail = error_of(reply)
        raise ContractError(f"netsuite answered a query with no page of rows ({code or error} {detail}).") from error
    if page.has_more and not page.items:
        raise ContractError("netsuite says that more rows follow and sent none.")
    held = len(page.items)
    if page.count not in (None, held) or (not page.has_more and (page.total or 0) > held):
        raise ContractError(f"netsuite counts {page.count} rows on a page, {page.total} in all, and sent {held}.")
    return [bytes(row) for row in page.items], page.has_more, page.total
