"""CEILING. `sync-assets ledger`: what people do about breaks, and what is accepted or let pass for now."""

import getpass
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from sync_assets.model.errors import SettingError

ledger_app = typer.Typer(no_args_is_help=True, help="What people do about breaks; every act is kept with its author.")

Break = Annotated[str, typer.Argument(metavar="BREAK", help="A break's id, or how it begins.")]
By = Annotated[str, typer.Option(help="Who acts.", default_factory=getpass.getuser)]
Until = Annotated[str, typer.Option(help="Last day, YYYY-MM-DD.")]
Reason = Annotated[str, typer.Option(help="Why.")]
Approver = Annotated[str, typer.Option(help="Who approved it; not who accepts.")]
Note = Annotated[str, typer.Option(help="What was found out or done.")]


def _day(written: str) -> date:
    try:
        return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise SettingError(f"{written[:40]!r} is not a day; write it as 2026-11-03.") from None


@ledger_app.command()
def assign(break_id: Break, *, to: Annotated[str, typer.Option(help="Who takes care of it.")], by: By) -> None:
    """Give a break to somebody."""
    from sync_assets.integrity import acts
    from sync_assets.store.engine import open_store

    acts.assign(open_store(), break_id, to, by)


@ledger_app.command()
def explain(break_id: Break, *, note: Note, by: By) -> None:
    """Write down what was found out about a break."""
    from sync_assets.integrity import acts
    from sync_assets.store.engine import open_store

    acts.explain(open_store(), break_id, note, by)


@ledger_app.command()
def accept(break_id: Break, *, until: Until, reason: Reason, approver: Approver, by: By) -> None:
    """Live with a break until a day; it stays listed, but needs nobody and turns nothing red."""
    from sync_assets.integrity import acts
    from sync_assets.store.engine import open_store

    terms = acts.Acceptance(by=by, approver=approver, reason=reason, until=_day(until))
    acts.accept(open_store(), break_id, terms)


@ledger_app.command()
def withdraw(break_id: Break, *, by: By) -> None:
    """End an acceptance before its day."""
    from sync_assets.integrity import acts
    from sync_assets.store.engine import open_store

    acts.withdraw(open_store(), break_id, by)


@ledger_app.command()
def fixed(break_id: Break, *, note: Note, by: By) -> None:
    """Say that the cause is mended; the break closes by itself once the copies agree."""
    from sync_assets.integrity import acts
    from sync_assets.store.engine import open_store

    acts.claim_fixed(open_store(), break_id, note, by)


@ledger_app.command()
def history(break_id: Break) -> None:
    """The life of a break: opened, changed, what people did, closed, reopened."""
    from sync_assets.integrity.acts import told_history
    from sync_assets.store.engine import open_store

    for line in told_history(open_store(), break_id):
        typer.echo(line)


@ledger_app.command("let-pass")
def let_pass(
    asset: Annotated[str, typer.Argument(help="A gated asset, e.g. raw/stripe/charges.")],
    *,
    until: Until,
    reason: Reason,
    approver: Approver,
    by: By,
) -> None:
    """Override an asset's closed gate until a day; it stays listed."""
    from sync_assets.integrity import acts
    from sync_assets.store.engine import open_store

    terms = acts.Acceptance(by=by, approver=approver, reason=reason, until=_day(until))
    acts.let_pass(open_store(), asset, terms)


@ledger_app.command()
def overrides() -> None:
    """What is accepted or let pass for now, by whom, and until when."""
    from sync_assets.integrity.acts import told_overrides
    from sync_assets.store.engine import open_store

    for line in told_overrides(open_store()) or ["Nothing is accepted or let pass."]:
        typer.echo(line)
