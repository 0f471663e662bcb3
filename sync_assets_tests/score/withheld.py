"""Vendors that withhold: a part of what business writes shows only long after the reader has been there.

A transaction that commits late, a list that lags behind: new records and new states of known ones, with the events
about them. Not here: damage to what is stored (damage.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from sync_assets.sandbox.shelf import Record, Shelf, Version
from sync_assets_tests.score.damage import Damage

Place = tuple[str, str, str]
Stored = Mapping[str, Mapping[str, set[str]]]
"""Per system and stream the ids that are stored."""


@dataclass(kw_only=True)
class Withholding:
    """Lays itself over the writing of vendors: each writing is, with a chance of `share`, not seen for so many `hours`.

    What was withheld of a record is what its last writing was: a later one that is seen shows all of it.
    """

    random: Random
    share: float
    hours: int
    _outdated: set[Place] = field(default_factory=set)

    def business(self, vendors: Sequence[Any], happen: Callable[[], None]) -> None:
        """Let something happen while vendors withhold."""
        for vendor in vendors:
            vendor.put = self._withholding(vendor.shelf, vendor.put)
            vendor.shelf.put = self._noting(vendor.name, vendor.shelf, vendor.shelf.put)
        try:
            happen()
        finally:
            for vendor in vendors:
                del vendor.put, vendor.shelf.put

    def damages(self, stored: Stored, exist: Stored) -> list[Damage]:
        """What exists and is not stored, and what is stored as it was before its last writing."""
        missing = [
            Damage(system=system, stream=stream, record_id=name, kind="withheld")
            for system, streams in stored.items()
            for stream, names in streams.items()
            for name in sorted(exist[system][stream] - names)
        ]
        return missing + [
            Damage(system=system, stream=stream, record_id=name, kind="outdated")
            for system, stream, name in sorted(self._outdated)
            if name in stored[system].get(stream, ())
        ]

    def _withholding(self, shelf: Shelf, put: Callable[..., None]) -> Callable[..., None]:
        def write(stream: str, record: Record, **how: Any) -> None:
            if self.random.random() < self.share:
                how["visible_at"] = shelf.clock.now() + timedelta(hours=self.hours)
            put(stream, record, **how)

        return write

    def _noting(self, system: str, shelf: Shelf, put: Callable[..., Version]) -> Callable[..., Version]:
        def write(stream: str, record_id: str, record: Record, **how: Any) -> Version:
            before = shelf.get(stream, record_id)
            version = put(stream, record_id, record, **how)
            place = (system, stream, record_id)
            if version.visible_at > version.stamped_at and before != record:
                self._outdated.add(place)
            else:
                self._outdated.discard(place)
            return version

        return write
