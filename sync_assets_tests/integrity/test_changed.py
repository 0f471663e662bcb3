"""What changed where copies parted: told from the version that the run saw, and from what it read it with."""

import io
from datetime import timedelta
from typing import Any

from rich.console import Console
from sqlalchemy import text

from sync_assets.integrity.telling import tell
from sync_assets.integrity.trace import Trace, trace
from sync_assets.store.circumstances import Circumstances, note_circumstances
from sync_assets_tests.reconcile.books import SYSTEMS, Books

FIRST = Circumstances(release="r1", connector="c1", api_version="2025.1", mapping="m1")
SECOND = Circumstances(release="r1", connector="c1", api_version="2025.2", mapping="m2")


def _edited_in_the_erp(books: Books) -> None:
    """Both copies say 119.00 EUR; two days ago the ERP's was set to 100.00, and run `later` saw it."""
    books.put("chargebee", "customer", "c1", status="active")
    books.put("netsuite", "customer", "7", copy_of="billing:c1", status="active")
    books.invoice("1042")
    books.erp_invoice("900", "1042", run_id="sooner")
    names = "system, record_id, version_id, run_id, observed_at, version_at, change_id, from_record_id, is_void"
    with books.store.begin() as connection:
        connection.execute(
            text(f"""
            INSERT INTO canonical.invoice_history
                ({names}, customer_id, status, copy_of, currency, total_minor, is_posted, known_to)
            SELECT {names}, customer_id, status, copy_of, currency, total_minor, is_posted, observed_at
            FROM canonical.invoice WHERE record_id = '900'""")
        )
    edited = books.through - timedelta(days=2)
    books.erp_invoice("900", "1042", total_minor=10_000, version_at=edited, run_id="later")


def _read_with(books: Books, **runs: Circumstances) -> None:
    with books.store.begin() as connection:
        statement = text("INSERT INTO sync.stream (system, name) VALUES ('netsuite', 'invoice') RETURNING stream_id")
        stream_id = connection.execute(statement).scalar_one()
        for run_id, found in runs.items():
            note_circumstances(connection, stream_id, run_id, found)


def _changed(found: Trace) -> list[dict[str, Any]]:
    """What changed at the first divergence of the one break over the total."""
    (row,) = [row for row in found.breaks if row["first_divergence"]["record_id"] == "900"]
    changed: list[dict[str, Any]] = row["first_divergence"]["changed"]
    return changed


def _told(found: Trace) -> str:
    out = Console(width=200, record=True, file=io.StringIO())
    tell(found, out)
    return out.export_text()


def test_an_edit_at_the_vendor_is_told_with_its_fields(books: Books) -> None:
    _edited_in_the_erp(books)
    _read_with(books, sooner=FIRST, later=FIRST)
    books.judge()
    found = trace(books.store, "invoice", "1042", SYSTEMS)
    (edit,) = _changed(found)
    assert (edit["what"], edit["system"], edit["record_id"]) == ("edited", "netsuite", "900")
    assert edit["fields"] == {"total_minor": [11_900, 10_000]}
    assert "changed there: netsuite invoice 900 was edited (total: 119.00 EUR -> 100.00 EUR)" in _told(found)


def test_a_mapping_and_an_api_version_that_are_new_in_the_run_stand_beside_the_edit(books: Books) -> None:
    _edited_in_the_erp(books)
    _read_with(books, sooner=FIRST, later=SECOND)
    books.judge()
    found = trace(books.store, "invoice", "1042", SYSTEMS)
    assert [(change["what"], change.get("was"), change.get("became")) for change in _changed(found)] == [
        ("edited", None, None),
        ("api_version", "2025.1", "2025.2"),
        ("mapping", "m1", "m2"),
    ]
    assert "netsuite invoice was read with API version 2025.2, before with 2025.1" in _told(found)


def test_what_no_run_recorded_is_not_made_up(books: Books) -> None:
    _edited_in_the_erp(books)
    books.judge()
    assert [change["what"] for change in _changed(trace(books.store, "invoice", "1042", SYSTEMS))] == ["edited"]
