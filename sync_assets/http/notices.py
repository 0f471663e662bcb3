"""What a system announces beside a reply: that what was asked for will end. Not here: who is told (client.py)."""

import re
from datetime import UTC, datetime

from sync_assets.http.reply import Reply

SAID_MAX = 200
"""Signs of an announcement that are repeated."""

_LASTING = re.compile(r'\b299\s+\S+\s+"((?:[^"\\]|\\.)*)"')
_STAMP = re.compile(r"@(\d{1,11})")


def notice(reply: Reply) -> str:
    """What a reply announces, in a few words; empty for nearly all.

    Source: RFC 9745 (`Deprecation`, `@` and seconds), RFC 8594 (`Sunset`), RFC 7234 section 5.5.7 (`Warning: 299`;
    Salesforce says so of API versions that it will retire, developer.salesforce.com "Legacy API Retirement Plan").
    """
    headers = reply.headers
    told = [
        *(["deprecated " + _since(headers["deprecation"])] if headers.get("deprecation", "false") != "false" else ()),
        *(["answered until " + headers["sunset"]] if headers.get("sunset") else ()),
        *_LASTING.findall(headers.get("warning", "")),
    ]
    words = " ".join("; ".join(told).split())
    return "".join(sign for sign in words if sign.isprintable())[:SAID_MAX]


def _since(told: str) -> str:
    """The day of a deprecation; older drafts wrote a date, or `true`."""
    stamp = _STAMP.fullmatch(told.strip())
    if stamp is None:
        return "" if told.strip() in ("true", "?1") else f"since {told}"
    return f"since {datetime.fromtimestamp(int(stamp[1]), tz=UTC):%Y-%m-%d}"
