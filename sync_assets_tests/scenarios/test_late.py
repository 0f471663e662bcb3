"""Overdue and absent, but visibly on its way: late, not broken, until the queue is gone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.integrity.report import as_csv
from sync_assets.reconcile.landscape import mappings_of
from sync_assets.sandbox import faults
from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets.store.streams import abandon_window, open_window, take_lease
from sync_assets_tests.reconcile.books import Books
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.netsuite_account import masters
from sync_assets_tests.scenarios.scene import Scene

UNREADABLE = "117.77"
"""An amount that is garbled on its way to us."""


def account(clock: Clock) -> NetSuite:
    """One customer; its documents are put by the tests."""
    vendor = NetSuite(clock=clock, seed=3)
    masters(vendor)
    vendor.put("customer", {"id": 1, "companyname": "Works", "currency": 1, "subsidiary": 1})
    clock.advance(minutes=1)
    return vendor


@pytest.fixture
def scene(play: Play) -> Scene:
    return play(account)


@pytest.fixture
def books(scene: Scene) -> Books:
    """Billing's invoices by hand, 119.00 EUR each and ten days old, beside an ERP that is really read."""
    found = Books(store=scene.store, mappings=mappings_of([scene.system]))
    found.invoice("1042")
    found.invoice("1043")
    return found


def post(scene: Scene, number: str, **fields: Any) -> None:
    """The ERP's document of an invoice, read and conformed."""
    document = {"id": int(number), "type": "CustInvc", "tranid": number, "externalid": f"chargebee_invoice_{number}"}
    common = {"entity": 1, "currency": 1, "postingperiod": 5, "trandate": "2026-06-20", "foreigntotal": "119.00"}
    scene.vendor.put("transaction", {**document, **common, **fields})
    scene.clock.advance(minutes=1)
    scene.disturb(faults.rewrite(lambda body: body.replace(UNREADABLE.encode(), b"1 1 7")))
    scene.read("transaction")
    scene.conform()


def held(scene: Scene) -> set[str]:
    """The records that wait as dead letters."""
    return {row[0] for row in scene.rows("record_id", "sync.dead_letter", "WHERE resolved_at IS NULL")}


def verdicts(books: Books, class_: str = "F51") -> dict[str, str]:
    return {row["entity_id"].partition(":")[2]: row["verdict"] for row in books.breaks() if row["class"] == class_}


def test_a_dead_letter_that_names_the_invoice_makes_it_late_and_no_other(scene: Scene, books: Books) -> None:
    post(scene, "1042", foreigntotal=UNREADABLE)
    assert held(scene) == {"1042"}
    books.judge()
    assert verdicts(books) == {"1042": "LATE", "1043": "BROKEN"}
    (late,) = [row for row in books.breaks() if row["verdict"] == "LATE"]
    assert late["money_at_risk_minor"] == 11_900
    assert "netsuite transaction 1042 names it and waits as a dead letter" in late["explanation"]
    assert ",LATE," in as_csv(books.breaks())


def test_a_letter_of_another_document_with_the_same_number_names_nobody(scene: Scene, books: Books) -> None:
    post(scene, "1042", type="CustCred", externalid="chargebee_credit_note_1042", foreigntotal=UNREADABLE)
    assert held(scene) == {"1042"}
    books.judge()
    assert verdicts(books) == {"1042": "BROKEN", "1043": "BROKEN"}


def test_what_was_broken_becomes_late_and_broken_again_when_its_letter_is_gone(scene: Scene, books: Books) -> None:
    books.judge()
    assert verdicts(books) == {"1042": "BROKEN", "1043": "BROKEN"}
    post(scene, "1042", foreigntotal=UNREADABLE)
    books.judge()
    assert verdicts(books)["1042"] == "LATE"
    with scene.store.begin() as connection:
        connection.execute(text("UPDATE sync.dead_letter SET resolved_at = now()"))
    books.judge()
    assert verdicts(books)["1042"] == "BROKEN"


def test_a_mended_record_closes_the_break(scene: Scene, books: Books) -> None:
    post(scene, "1042", foreigntotal=UNREADABLE)
    books.judge()
    post(scene, "1042")
    assert scene.copy("invoice", "1042")["copy_of"] == "billing:1042"
    books.judge()
    assert "1042" not in verdicts(books)


def test_a_window_that_is_not_read_to_its_end_makes_late_what_it_covers(scene: Scene, books: Books) -> None:
    scene.read("transaction")
    lease = take_lease(scene.store, "netsuite", "transaction", "backfill")
    assert lease is not None
    first = books.through - timedelta(days=11)
    bounds = {"start_at": first, "end_at": first + timedelta(days=2), "earliest_at": first}
    books.invoice("1044", issued_at=books.through - timedelta(days=5), finalised_at=books.through - timedelta(days=5))
    window = open_window(scene.store, lease, "backfill", bounds)
    books.judge()
    # 1042 and 1043 are ten days old, and the window is of days 11 to 9; 1044 is five days old
    assert verdicts(books) == {"1042": "LATE", "1043": "LATE", "1044": "BROKEN"}
    abandon_window(scene.store, lease, window)
    books.judge()
    assert set(verdicts(books).values()) == {"BROKEN"}


def test_a_document_that_the_erp_has_not_posted_yet_is_late(scene: Scene, books: Books) -> None:
    post(scene, "1042", posting="F", status="D")
    post(scene, "1043")
    with scene.store.begin() as connection:
        connection.execute(text("UPDATE canonical.invoice SET version_at = '2026-06-20' WHERE system = 'netsuite'"))
    books.judge()
    assert verdicts(books, "F75") == {"1042": "LATE", "1043": "BROKEN"}
    (late,) = [row for row in books.breaks() if row["verdict"] == "LATE"]
    assert "the ERP has it as not posted yet" in late["explanation"]


def test_nothing_is_late_before_it_is_due(scene: Scene, books: Books) -> None:
    issued = books.through - timedelta(hours=3)
    books.invoice("1042", issued_at=issued, finalised_at=issued)
    post(scene, "1042", foreigntotal=UNREADABLE)
    books.judge()
    assert "1042" not in verdicts(books)
    # four hours of lag: due an hour later
    books.through += timedelta(hours=1)
    books.judge()
    assert verdicts(books)["1042"] == "LATE"
