"""What came back from a system: status, headers, exact bytes, and strict readings of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from sync_assets.model.errors import ContractError

DECODER = msgspec.json.Decoder(float_hook=Decimal)
"""Strict JSON to Python values: numbers with a point become exact decimals, NaN and lone surrogates are refused."""


_EDGE = 64
"""Bytes at either end of a body among which its first and last sign are looked for."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply. Header names are lower case; `body` is decompressed and otherwise untouched."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The decoded body; ContractError when it is not JSON (a login page, a cut reply, nothing at all)."""
        try:
            return DECODER.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise ContractError(self._not_json()) from error

    def _not_json(self) -> str:
        kind = self.headers.get("content-type", "no content type").split(";")[0]
        return (
            f"The answer of {self.url.split('?')[0]} is not JSON ({kind}, {len(self.body)} bytes, HTTP {self.status})."
        )

    @property
    def is_web_page(self) -> bool:
        """Whether this is a page for people, which no API sends as an answer."""
        return self.headers.get("content-type", "").lower().startswith("text/html")

    def may_hold(self, kind: str) -> bool:
        """Whether the body may be of a kind, `json` or `csv`, by its ends only: its reader decodes it, once."""
        first = self.body[:_EDGE].lstrip()[:1]
        if kind == "csv":
            return first not in (b"", b"<", b"{", b"[")
        return first + self.body[-_EDGE:].rstrip()[-1:] in (b"{}", b"[]")

    @property
    def date(self) -> datetime | None:
        """The instant of the vendor's Date header, None when it is absent or unreadable."""
        try:
            instant = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError, TypeError):
            return None
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
