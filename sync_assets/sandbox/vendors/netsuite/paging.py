"""Pages of collections: `limit` and `offset` in, links and counts out.

Belongs here: what SuiteQL and the record service share. Source: Oracle online help, Collection Paging.
"""

from typing import Any
from urllib.parse import urlencode

from sync_assets.sandbox.vendors.netsuite.errors import refuse
from sync_assets.sandbox.wire import Request

ROWS_MAX = 100_000
"""Rows one query or collection shows without SuiteAnalytics Connect."""

PAGE_MAX = 1000

COLLECTION = 'application/vnd.oracle.resource+json; type=collection; charset="UTF-8"'


def page_bounds(request: Request, *known: str) -> tuple[int, int]:
    """The page's limit (1..1000, default 1000) and offset (a multiple of the limit).

    Raises:
        RefusedError: a parameter that is unknown or out of bounds.
    """
    for name, _ in request.query:
        if name not in ("limit", "offset", *known):
            raise refuse(400, "INVALID_PARAMETER", f"Invalid query parameter: {name}.", o_errorQueryParam=name)
    limit = _whole(request, "limit", str(PAGE_MAX))
    if not 1 <= limit <= PAGE_MAX:
        detail = f"Invalid value '{limit}' for the limit parameter. Provide a number from 1 to {PAGE_MAX}."
        raise refuse(400, "INVALID_PARAMETER", detail, o_errorQueryParam="limit")
    offset = _whole(request, "offset", "0")
    if offset % limit or offset >= ROWS_MAX:
        detail = f"Invalid value '{offset}' for the offset parameter. It must be divisible by the limit {limit}"
        raise refuse(400, "INVALID_PARAMETER", f"{detail} and below {ROWS_MAX}.", o_errorQueryParam="offset")
    return limit, offset


def _whole(request: Request, name: str, default: str) -> int:
    text = request.arg(name, default)
    if not text.isdigit():
        raise refuse(400, "INVALID_PARAMETER", f"Invalid value '{text}' for {name}.", o_errorQueryParam=name)
    return int(text)


def envelope(request: Request, items: list[dict[str, Any]], limit: int, offset: int, total: int) -> dict[str, Any]:
    """A page as NetSuite wraps it. `total` counts all rows; nothing beyond 100,000 is shown or counted."""
    shown = min(total, ROWS_MAX)
    more = offset + len(items) < shown
    places = {"first": 0, "previous": offset - limit} if offset else {}
    if more:
        places |= {"next": offset + limit, "last": (shown - 1) // limit * limit}
    return {
        "links": [_link(request, rel, limit, place) for rel, place in (*places.items(), ("self", offset))],
        "count": len(items),
        "hasMore": more,
        "items": items,
        "offset": offset,
        "totalResults": shown,
    }


def _link(request: Request, rel: str, limit: int, offset: int) -> dict[str, str]:
    kept = [(name, value) for name, value in request.query if name not in ("limit", "offset")]
    query = urlencode([*kept, ("limit", limit), ("offset", offset)])
    return {"rel": rel, "href": f"{request.base_url}{request.path}?{query}"}
