"""Lists by page number or by offset: what a request asks for, checked, and the two shapes of the answer.

Source: OpenMeter API (page and pageSize from 1 to 1,000, default 100; limit and offset of the older lists, answered as
a plain list; page wins where both are given), pkg/pagination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync_assets.sandbox.vendors.product.problems import bad_request
from sync_assets.sandbox.wire import Request

_DEFAULT, _MOST = 100, 1000


@dataclass(frozen=True, kw_only=True)
class Page:
    """A slice of a list. `number` is 0 where the client asked by offset."""

    number: int
    size: int
    offset: int

    def slice(self, items: Sequence[Any]) -> Sequence[Any]:
        """The items of the page."""
        return items[self.offset : self.offset + self.size]

    def numbered(self, items: Sequence[Any], total: int) -> dict[str, Any]:
        """The paginated answer."""
        return {"totalCount": total, "page": self.number, "pageSize": self.size, "items": list(items)}


def by_number(request: Request) -> Page:
    """The page a request means by `page` and `pageSize`.

    Raises:
        ProblemError: 400 where they are no numbers in their range.
    """
    number, size = whole(request, "page", 1), whole(request, "pageSize", _DEFAULT, most=_MOST)
    return Page(number=number, size=size, offset=(number - 1) * size)


def by_either(request: Request) -> Page:
    """The page a request means, by number where it names one and by offset otherwise.

    Raises:
        ProblemError: 400 where the numbers are out of range.
    """
    if request.arg("page") or request.arg("pageSize"):
        return by_number(request)
    offset = whole(request, "offset", 0, least=0)
    return Page(number=0, size=whole(request, "limit", _DEFAULT, most=_MOST), offset=offset)


def whole(request: Request, name: str, default: int, *, least: int = 1, most: int | None = None) -> int:
    """A number of the query string.

    Raises:
        ProblemError: 400 where it is none, or out of range.
    """
    text = request.arg(name)
    if not text:
        return default
    number = int(text) if text.removeprefix("-").isdecimal() else None
    if number is None:
        raise bad_request(f'parameter "{name}" in query has an error: value {text}: an invalid integer')
    if number < least:
        raise bad_request(f'parameter "{name}" in query has an error: number must be at least {least}')
    if most is not None and number > most:
        raise bad_request(f'parameter "{name}" in query has an error: number must be at most {most}')
    return number


def flag(request: Request, name: str) -> bool:
    """A true or false of the query string, false where it is absent.

    Raises:
        ProblemError: 400 for anything else.
    """
    text = request.arg(name, "false").lower()
    if text not in {"true", "false"}:
        raise bad_request(f'parameter "{name}" in query has an error: value {text}: an invalid boolean')
    return text == "true"


def several(request: Request, name: str) -> frozenset[str]:
    """Every value of a repeated parameter."""
    return frozenset(value for key, value in request.query if key == name)


def order(request: Request, allowed: Sequence[str]) -> tuple[str, bool]:
    """The column and direction asked for; the first allowed column, ascending, where none is.

    Raises:
        ProblemError: 400 for a column or direction that is not offered.
    """
    column, direction = request.arg("orderBy", allowed[0]), request.arg("order", "ASC")
    if column not in allowed or direction not in {"ASC", "DESC"}:
        raise bad_request(f'parameter "orderBy" in query has an error: {column} {direction} is not offered')
    return column, direction == "DESC"
