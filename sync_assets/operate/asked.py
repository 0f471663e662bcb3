"""What was asked for on the command line, checked before anything is looked up."""

from sync_assets.model.breaks import OWNERS, Verdict
from sync_assets.model.errors import SettingError
from sync_assets.store.breaks import Filter


def checked_filter(
    *, owner: str | None, class_: str | None, verdict: str | None, customer: str | None, closed: bool
) -> Filter:
    """The filter of a break list.

    Raises:
        SettingError: an owner, class or verdict that does not exist; the sentence names those that do.
    """
    from sync_assets.reconcile.rules import RULES

    classes = sorted({rule.class_ for rule in RULES}, key=lambda name: int(name[1:]))
    _known("owner", owner, list(OWNERS))
    _known("class", class_, classes)
    _known("verdict", verdict, [item.value for item in Verdict])
    return Filter(owner=owner, class_=class_, verdict=verdict, customer=customer, closed=closed)


def _known(what: str, given: str | None, known: list[str]) -> None:
    if given is not None and given not in known:
        raise SettingError(f"There is no {what} {given!r}; there are {', '.join(known)}.")
