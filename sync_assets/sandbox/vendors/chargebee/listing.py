"""One page of one Chargebee list: parameters in, rows in order out.

Source: list operations page of the API reference: `limit` 1 to 100, default 10; `sort_by[asc|desc]`; `offset` is the
previous `next_offset`, which is absent on the last page; `include_deleted` for resources with soft deletes.
"""

from dataclasses import dataclass, field

from sync_assets.sandbox.order import Key
from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.chargebee.errors import refuse_parameter
from sync_assets.sandbox.vendors.chargebee.filters import Filter, read_filter
from sync_assets.sandbox.vendors.chargebee.resources import Resource

_TEXT_SORTS = frozenset(("name", "id"))
_LIMIT_MAX = 100


@dataclass(kw_only=True)
class Listing:
    """What a client asked of a list."""

    sort: str
    descending: bool
    limit: int = 10
    offset: str = ""
    with_deleted: bool = False
    filters: list[Filter] = field(default_factory=list)

    @property
    def numeric(self) -> bool:
        """Whether the order is one of times, not of names."""
        return self.sort not in _TEXT_SORTS

    def range_ms(self) -> tuple[int | None, int | None]:
        """The closed range of sort values, in milliseconds, that the filters on the sort attribute let pass."""
        bounds = [one.bounds() for one in self.filters if one.name == self.sort and self.numeric]
        lows = [low * 1000 for low, _ in bounds if low is not None]
        highs = [high * 1000 for _, high in bounds if high is not None]
        return max(lows, default=None), min(highs, default=None)

    def admits(self, record: Record, *, resource: Resource, deleted: bool) -> bool:
        """Whether a row belongs to the list."""
        if deleted and not self._shows_deleted(resource):
            return False
        return all(one.holds(record) for one in self.filters)

    def _shows_deleted(self, resource: Resource) -> bool:
        if resource.removal == "soft":
            return self.with_deleted
        return any(one.name == "status" and one.operator in ("is", "in") for one in self.filters)


def read_listing(resource: Resource, query: list[tuple[str, str]], *, ignore_unknown: bool = False) -> Listing:
    """The listing a query asks for.

    Raises:
        RefusedError: a parameter is unknown or has an impossible value.
    """
    sort, direction = resource.default_sort
    listing = Listing(sort=sort, descending=direction == "desc")
    for name, text in query:
        if not _take_control(listing, resource, name, text):
            one = read_filter(resource, name, text)
            if one is not None:
                listing.filters.append(one)
            elif not ignore_unknown:
                raise refuse_parameter(name, "is not a parameter of this operation", "param_not_supported")
    return listing


def _take_control(listing: Listing, resource: Resource, name: str, text: str) -> bool:
    if name == "limit":
        listing.limit = _limit(text)
    elif name == "offset":
        listing.offset = text
    elif name == "include_deleted" and resource.removal == "soft":
        listing.with_deleted = text == "true"
    elif name in ("sort_by[asc]", "sort_by[desc]"):
        if text not in resource.sorts:
            raise refuse_parameter(name, f"the list cannot be sorted by {text}")
        listing.sort, listing.descending = text, name == "sort_by[desc]"
    else:
        return False
    return True


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= _LIMIT_MAX:
        raise refuse_parameter("limit", f"should be between 1 and {_LIMIT_MAX}")
    return int(text)


def sort_key(record: Record, sort: str, *, created_ms: int) -> Key:
    """The value a record is sorted by: milliseconds for times, 0 without a time, text for names."""
    if sort in _TEXT_SORTS:
        return str(record.get(sort, ""))
    value = record.get(sort)
    if value is None:
        return created_ms if sort == "created_at" else 0
    return int(value) * 1000
