"""Stripe's `expand[]`: ids replaced by the objects they name, in one object or in every row of a list.

Source: expanding responses in the API reference (four levels at most, `data.` in lists); wordings recorded from a
sandbox account. A deleted customer expands to its stub.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from sync_assets.sandbox.shelf import Record
from sync_assets.sandbox.vendors.stripe.errors import refuse
from sync_assets.sandbox.vendors.stripe.resources import RESOURCES

Fetch: TypeAlias = Callable[[tuple[str, ...], str], Record | None]
"""Finds the object of an id in one of some streams."""

_LEVELS_MAX = 4


def read_expansions(stream: str, paths: list[str], *, is_list: bool) -> list[list[str]]:
    """The expansions asked for, as attribute names from the object downwards.

    Raises:
        RefusedError: a path is too deep or names what cannot be expanded.
    """
    return [steps for path in paths if (steps := _steps(stream, path, is_list=is_list))]


def _steps(stream: str, path: str, *, is_list: bool) -> list[str]:
    steps = path.split(".")
    if len(steps) > _LEVELS_MAX:
        raise refuse(f"You cannot expand more than {_LEVELS_MAX} levels of a property. Property: {path}")
    if is_list and steps[0] != "data":
        hint = f" You may want to try expanding 'data.{path}' instead."
        raise refuse(f"This property cannot be expanded ({path}).{hint}")
    inner = steps[1:] if is_list else steps
    streams: tuple[str, ...] = (stream,)
    for step in inner:
        offers = [RESOURCES[one].expands[step] for one in streams if step in RESOURCES[one].expands]
        if not offers:
            raise refuse(f"This property cannot be expanded ({path}).")
        streams = offers[0]
        if not streams:
            break
    return inner


def expanded(record: Record, steps: list[str], fetch: Fetch) -> Record:
    """The object with the attribute that the steps lead to replaced by its object."""
    name, rest = steps[0], steps[1:]
    stream = next((one for one, resource in RESOURCES.items() if resource.kind == record.get("object")), "")
    streams = RESOURCES[stream].expands.get(name, ()) if stream else ()
    value: Any = record.get(name)
    found = fetch(streams, value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        return record
    return {**record, name: expanded(found, rest, fetch) if rest else found}
