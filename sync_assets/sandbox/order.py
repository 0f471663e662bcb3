"""A sorted list of records that stays sorted while records change: what a vendor's paged list walks along.

Knows keys and serial numbers, nothing of records, vendors or time. Changes are remembered and applied at the next
read, so that loading several hundred thousand records costs one sort.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import TypeAlias

Key: TypeAlias = int | str
Place: TypeAlias = tuple[Key, int]

_PAST_EVERY_SERIAL = 1 << 62


class Order:
    """Serial numbers sorted by (key, serial). All keys of one order have one type."""

    def __init__(self) -> None:
        self._keys: dict[int, Key] = {}
        self._places: list[Place] = []
        self._came: list[Place] = []
        self._went: list[Place] = []

    def put(self, serial: int, key: Key | None) -> None:
        """Give a serial its key; None takes it out of the order."""
        held = self._keys.get(serial)
        if held == key:
            return
        if held is not None:
            self._went.append((held, serial))
        if key is None:
            del self._keys[serial]
        else:
            self._keys[serial] = key
            self._came.append((key, serial))

    def walk(
        self, *, low: Key | None = None, high: Key | None = None, beyond: Place | None = None, descending: bool = False
    ) -> Iterator[Place]:
        """The places with low <= key <= high, in order, strictly behind `beyond` in the direction of the walk."""
        places = self._settled()
        first = 0 if low is None else bisect_left(places, (low, -1))
        last = len(places) if high is None else bisect_right(places, (high, _PAST_EVERY_SERIAL))
        if beyond is not None and descending:
            last = min(last, bisect_left(places, beyond))
        elif beyond is not None:
            first = max(first, bisect_right(places, beyond))
        span = range(last - 1, first - 1, -1) if descending else range(first, last)
        return (places[index] for index in span)

    def __len__(self) -> int:
        return len(self._keys)

    def _settled(self) -> list[Place]:
        # A few changes are cheaper to place one by one; many are cheaper to sort again.
        if len(self._came) + len(self._went) > 8 + len(self._places) // 64:
            self._places = sorted((key, serial) for serial, key in self._keys.items())
        else:
            for place in self._came:
                insort(self._places, place)
            for place in self._went:
                del self._places[bisect_left(self._places, place)]
        self._came, self._went = [], []
        return self._places
