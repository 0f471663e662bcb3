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

    @property
    def date(self) -> datetime | None:
        """The instant of the vendor's Date header, None when it is absent or unreadable."""
        try:
            instant = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError, TypeError):
            return None
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
