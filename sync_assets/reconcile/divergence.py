"""Since when two copies disagree, from their histories, and which run saw it first. Pure functions of versions."""

from collections.abc import Sequence

from sync_assets.store.histories import Version


def first_divergence(owner: Sequence[Version], copy: Sequence[Version]) -> Version | None:
    """The version with which the two parted and since which they never agreed again; None while they agree.

    Both hold from their own times. Owner 10 from Monday, copy 10 from Tuesday, owner 15 from Wednesday: they parted on
    Wednesday. A copy that says 12 on Thursday does not part them anew. Nothing is said before both were first seen.
    """
    steps = sorted([*((v.at, 0, v) for v in owner), *((v.at, 1, v) for v in copy)], key=lambda step: step[:2])
    stands: dict[int, Version] = {}
    parted: Version | None = None
    for at, group in _instants(steps):
        stands.update(group)
        if len(stands) < 2 or _agree(stands[0], stands[1]):
            parted = None
        elif parted is None:
            parted = next(version for version in reversed(list(group.values())) if version.at == at)
    return parted


def _instants(steps: Sequence[tuple[object, int, Version]]) -> list[tuple[object, dict[int, Version]]]:
    """What each instant changed; two copies that change at one instant change together."""
    found: list[tuple[object, dict[int, Version]]] = []
    for at, side, version in steps:
        if not found or found[-1][0] != at:
            found.append((at, {}))
        found[-1][1][side] = version
    return found


def _agree(one: Version, other: Version) -> bool:
    return bool(one.value == other.value and one.is_deleted == other.is_deleted)
