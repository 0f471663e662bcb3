"""Spans of whole seconds that are halved until an answer has room to spare: how a list is read that cannot be paged.

A box is pairs of bounds, both included, seconds since 1970: ingested from and to, and possibly happened from and to.
"""

from datetime import UTC, datetime

from sync_assets.systems.product.platform import rfc3339

Box = list[int]


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())


def written(at: int) -> str:
    """A bound as the platform takes it."""
    return rfc3339(datetime.fromtimestamp(at, UTC))


def halves(box: Box) -> list[Box]:
    """The box in two along its first span that is longer than a second; nothing when none is."""
    for low in range(0, len(box), 2):
        if box[low] < box[low + 1]:
            middle = (box[low] + box[low + 1]) // 2
            return [replaced(box, low + 1, middle), replaced(box, low, middle + 1)]
    return []


def replaced(box: Box, side: int, at: int) -> Box:
    """The box with another bound on one side."""
    return [*box[:side], at, *box[side + 1 :]]
