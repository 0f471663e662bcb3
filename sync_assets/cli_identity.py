"""CEILING. `sync-assets identity`: which customer records may be one, and what people decide about it."""

import getpass
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sync_assets.store.engine import Store

identity_app = typer.Typer(
    no_args_is_help=True, help="Which customer records may be one; every decision is kept with its author."
)

Task = Annotated[int, typer.Argument(metavar="TASK", help="A task's number.")]
By = Annotated[str, typer.Option(help="Who decides.", default_factory=getpass.getuser)]
Reason = Annotated[str, typer.Option(help="Why.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")]


def _opened() -> "tuple[Store, Mapping[str, Sequence[str]]]":
    from sync_assets.connect.discover import discover, played
    from sync_assets.store.engine import open_store

    return open_store(), played(discover("sync_assets.systems"))


def _words(by: str, reason: str) -> dict[str, str | None]:
    from sync_assets.integrity.acts import checked_words

    checked_words("reason", reason)
    return {"made_by": by, "reason": reason}


@identity_app.command()
def tasks(*, limit: Limit = 50) -> None:
    """Pairs of records that are alike but not surely one, the likeliest first."""
    from sync_assets.identity.people import told_tasks

    store, _ = _opened()
    for line in list(told_tasks(store, limit)) or ["Nothing is asked."]:
        typer.echo(line)


@identity_app.command()
def accept(task: Task, *, reason: Reason, by: By) -> None:
    """The two records are one customer."""
    from sync_assets.identity import people

    store, roles = _opened()
    people.accept(store, roles, task, _words(by, reason))


@identity_app.command()
def reject(task: Task, *, reason: Reason, by: By) -> None:
    """The two records are two customers; it is not asked again."""
    from sync_assets.identity import people

    store, _ = _opened()
    people.reject(store, task, _words(by, reason))


@identity_app.command()
def split(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="system:id, e.g. chargebee:cus_1.")],
    *,
    reason: Reason,
    by: By,
) -> None:
    """A record is not the customer it is linked to; it stands alone until that is undone."""
    from sync_assets.identity import people

    store, roles = _opened()
    people.split(store, roles, record, _words(by, reason))


@identity_app.command()
def undo(
    event: Annotated[int, typer.Argument(metavar="EVENT", help="An event's number.")], *, reason: Reason, by: By
) -> None:
    """Take back what was decided, by a person or by likeness."""
    from sync_assets.identity import people

    store, roles = _opened()
    people.take_back(store, roles, event, _words(by, reason))


@identity_app.command()
def events(*, limit: Limit = 50) -> None:
    """What happened to links, newest first."""
    from sync_assets.identity.people import told_events

    store, _ = _opened()
    for line in list(told_events(store, limit)) or ["No link ever moved, and nothing was decided."]:
        typer.echo(line)
