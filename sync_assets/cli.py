"""CEILING. The `sync-assets` command. Exit code 0: did it; 1: did it and something needs a person; 2: could not.

Each command is a few lines over `operate/` and the floors; what goes wrong is said in one sentence on stderr.
"""

import json
import os
import sys
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sync_assets.cli_identity import identity_app
from sync_assets.cli_ledger import ledger_app
from sync_assets.operate.env_file import PLACES, load_env_file

HELP = """Says which records disagree between systems, since when, worth how much, and at which hop the truth was lost.

Exit code 0: did it; 1: did it and something needs a person; 2: could not, and one sentence says why and what to do.
"""

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)
sandbox_app = typer.Typer(no_args_is_help=True, help="The simulated vendors.")
app.add_typer(sandbox_app, name="sandbox")
app.add_typer(ledger_app, name="ledger")
app.add_typer(identity_app, name="identity")

WIDTH = 120
"""Columns of an answer that goes to a file or a pipe, unless COLUMNS says otherwise."""


def _console(*, stderr: bool = False) -> Console:
    found = Console(stderr=stderr)
    return found if found.is_terminal or "COLUMNS" in os.environ else Console(stderr=stderr, width=WIDTH)


out, err = _console(), _console(stderr=True)

DONE, NEEDS_PERSON, COULD_NOT = 0, 1, 2

Seed = Annotated[int, typer.Option(help="Which simulated company.")]
Customers = Annotated[int, typer.Option(min=1, max=100_000, help="How many customers it has.")]
Systems = Annotated[list[str] | None, typer.Option("--system", help="Only this system; may be repeated.")]


def _show(line: str) -> None:
    err.print(f"[dim]{datetime.now(UTC):%H:%M:%S}[/dim] {line}", highlight=False, soft_wrap=True)


@app.command()
def run(
    *,
    full: Annotated[bool, typer.Option(help="Read everything again instead of the changes.")] = False,
    system: Systems = None,
) -> None:
    """One pass through the asset graph against the configured systems. Safe to repeat, safe to kill."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.operate.home import prepare
    from sync_assets.operate.passes import chosen, run_pass
    from sync_assets.operate.runs import progress_shown
    from sync_assets.store.engine import open_store

    systems = chosen(SYSTEMS, system or [])
    for skipped in () if system else sorted({known.name for known in SYSTEMS} - {each.name for each in systems}):
        _show(f"{skipped}: skipped, it is not configured (SYNC_{skipped.upper()}_URL and credentials)")
    prepare()
    store = open_store()
    with progress_shown(_show):
        done = run_pass(store, systems, full=full, show=_show)
    raise typer.Exit(_report(store, done))


def _report(store: Any, done: Any) -> int:
    """Say what failed or is closed and how many breaks are open; returns the exit code."""
    from sync_assets.integrity.ledger import open_roots

    for gate in done.closed_gates:
        err.print(f"The gate of {gate} is closed; see its check in the Dagster UI.", highlight=False, soft_wrap=True)
    for line in done.failures:
        err.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    if done.failures:
        err.print(
            "Nothing was lost, the next run continues; `sync-assets doctor` says what to check.",
            highlight=False,
            soft_wrap=True,
        )
        return COULD_NOT
    roots = open_roots(store)
    out.print(f"{roots} open root breaks." if roots else "No open break.", highlight=False, soft_wrap=True)
    return NEEDS_PERSON if roots or done.closed_gates else DONE


@app.command()
def backfill(
    *,
    system: Annotated[str, typer.Option(help="Which system.")],
    first: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")],
    stream: Annotated[list[str] | None, typer.Option(help="Only this stream; may be repeated.")] = None,
) -> None:
    """Read past days again through a Dagster backfill, and refresh what lies downstream. Never fires a write."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.operate.asked import checked_days, checked_streams
    from sync_assets.operate.backfills import run_backfill
    from sync_assets.operate.home import prepare
    from sync_assets.operate.passes import chosen

    days = checked_days(first, last)
    (chosen_system,) = chosen(SYSTEMS, [system])
    names = checked_streams(chosen_system, stream or [])
    prepare()
    run_backfill(chosen_system, names, days, _show)


@app.command()
def audit(
    *,
    system: Systems = None,
    stream: Annotated[list[str] | None, typer.Option(help="Only this stream; may be repeated.")] = None,
) -> None:
    """Prove by another way that what is stored is what the systems hold; fetch what is missing, say how it was lost."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.operate.audits import audit_table, run_audit
    from sync_assets.operate.home import prepare
    from sync_assets.operate.passes import chosen
    from sync_assets.operate.runs import progress_shown
    from sync_assets.store.engine import open_store

    systems = chosen(SYSTEMS, system or [])
    prepare()
    store = open_store()
    with progress_shown(_show):
        done = run_audit(store, systems, stream or [])
    out.print(audit_table(done.rows))
    for line in done.failures:
        err.print(line, style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(COULD_NOT if done.failures else DONE if done.is_clean else NEEDS_PERSON)


@app.command()
def breaks(
    *,
    format_: Annotated[str, typer.Option("--format", help="table, json or csv")] = "table",
    owner: Annotated[str | None, typer.Option(help="RO, FI, SU, PR or DE.")] = None,
    class_: Annotated[str | None, typer.Option("--class", help="A failure class, e.g. F51.")] = None,
    verdict: Annotated[str | None, typer.Option(help="BROKEN or LATE.")] = None,
    customer: Annotated[str | None, typer.Option(help="A customer's id in any system.")] = None,
    closed: Annotated[bool, typer.Option(help="Closed breaks instead of open ones.")] = False,
    each: Annotated[bool, typer.Option("--each", help="Every break instead of one line per shared cause.")] = False,
    group: Annotated[str | None, typer.Option(help="The breaks of one group, by its id.")] = None,
) -> None:
    """The ledger: what disagrees, where, since when, worth how much, whose."""
    from sync_assets.integrity.ledger import read_breaks
    from sync_assets.integrity.report import FORMATS, as_csv, as_json, as_table, folded
    from sync_assets.integrity.unknowable import in_a_line, unknowable_classes
    from sync_assets.operate.asked import checked_filter, checked_format, checked_group
    from sync_assets.store.engine import open_store

    form = checked_format(format_, FORMATS)
    wanted = checked_filter(owner=owner, class_=class_, verdict=verdict, customer=customer, closed=closed)
    store = open_store()
    rows = checked_group(read_breaks(store, wanted), group)
    written = {"json": as_json, "csv": as_csv}.get(form)
    if written:
        print(written(rows), end="" if form == "csv" else "\n")  # noqa: T201 - the answer itself
    else:
        out.print(as_table(rows if each or group else folded(rows)))
        out.print(in_a_line(unknowable_classes(store)), style="dim")
    needs_person = not closed and any(row["root"] and row["state"] != "accepted" for row in rows)
    raise typer.Exit(NEEDS_PERSON if needs_person else DONE)


@app.command()
def trace(
    entity: Annotated[str, typer.Argument(help="customer, order, subscription, invoice, payment...")],
    wanted: Annotated[str, typer.Argument(metavar="ID", help="Any system's record id or number.")],
    *,
    format_: Annotated[
        str, typer.Option("--format", help="text, json or svg (a picture: redirect it to a file)")
    ] = "text",
) -> None:
    """One record in every system side by side, its history, its breaks, and where it went wrong."""
    from sync_assets.connect.discover import discover, played
    from sync_assets.integrity.trace import trace as traced
    from sync_assets.operate.asked import checked_format
    from sync_assets.store.engine import open_store

    form = checked_format(format_, ("text", "json", "svg"))
    roles = played(discover("sync_assets.systems"))
    found = traced(open_store(), entity, wanted, roles)
    if form == "json":
        print(json.dumps(found.as_documented(), indent=1, ensure_ascii=False))  # noqa: T201 - the answer itself
    elif form == "svg":
        from sync_assets.integrity.picture import picture

        print(picture(found, roles), end="")  # noqa: T201 - the answer itself
    else:
        from sync_assets.integrity.telling import tell

        tell(found, out)


@app.command()
def census(
    *,
    format_: Annotated[str, typer.Option("--format", help="table or json")] = "table",
    ids: Annotated[bool, typer.Option(help="List the record ids too (json only).")] = False,
) -> None:
    """What is stored per system and stream, for comparison with the source."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.operate.asked import checked_format
    from sync_assets.operate.census import census as count
    from sync_assets.store.engine import open_store

    form = checked_format(format_, ("table", "json"))
    counted = count(open_store(), SYSTEMS, with_ids=ids)
    if form == "json":
        print(json.dumps(counted, indent=1))  # noqa: T201 - the answer itself
        return
    table = Table("system", "stream", "records", "deleted", "complete through")
    for name, streams in counted.items():
        for stream_name, row in streams.items():
            row_cells = (str(row["count"]), str(row["deleted"]), row["complete_through"] or "never read")
            table.add_row(name, stream_name, *row_cells)
    out.print(table)


@app.command()
def doctor() -> None:
    """Check settings, database, each system's login, version and clock, and the sensors; say what to do."""
    from sync_assets.definitions import SYSTEMS
    from sync_assets.operate.doctor import examine

    fine = True
    for finding in examine(SYSTEMS):
        fine &= finding.is_fine
        mark = "[green]ok[/green]" if finding.is_fine else "[red]!![/red]"
        out.print(f"{mark} {finding.subject}: {finding.sentence}", highlight=False, soft_wrap=True)
    raise typer.Exit(DONE if fine else NEEDS_PERSON)


@app.command()
def demo(*, seed: Seed = 7, customers: Customers = 60) -> None:
    """The whole of it on the sandbox: a full sync, a day of business with breaks in it, and what broke where."""
    from sync_assets.operate.show import demonstrate

    raise typer.Exit(NEEDS_PERSON if demonstrate(seed, customers, out=out, show=_show) else DONE)


@app.command()
def dev(
    *,
    seed: Seed = 7,
    customers: Customers = 60,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the Dagster UI, if free.")] = 3000,
) -> None:
    """The sandbox with business going on, the Dagster UI and daemon on loopback, until interrupted."""
    from sync_assets.operate.show import develop

    develop(seed, customers, port, show=_show)


@sandbox_app.command("serve")
def serve(
    *,
    seed: Seed = 7,
    customers: Customers = 60,
    port: Annotated[int, typer.Option(min=0, max=65_531, help="First of five ports; 0 picks free ones.")] = 0,
) -> None:
    """The simulated vendors alone, with the settings to export."""
    from sync_assets.operate.show import serve_sandbox

    serve_sandbox(seed, customers, port, write=partial(print, flush=True))


def main() -> None:
    """Run a command; our own errors become one sentence and exit code 2."""
    try:
        for place in PLACES:
            load_env_file(place)
        app(prog_name="sync-assets")
    except Exception as error:  # noqa: BLE001 - a person gets a sentence; what is ours to mend goes to a file
        from sync_assets.operate.last_words import in_one_sentence

        err.print(in_one_sentence(error), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(COULD_NOT)


if __name__ == "__main__":
    main()
