"""NetSuite end to end: everything is read, every kind of change arrives, nothing is read twice."""

from datetime import timedelta

import pytest

from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.netsuite_account import CUSTOMERS, account, invoiced
from sync_assets_tests.scenarios.scene import Scene

DOCUMENTS = ("transaction", "transactionline", "transactionaccountingline")


@pytest.fixture
def scene(play: Play) -> Scene:
    """An account that was read once."""
    scene = play(account)
    scene.read()
    return scene


def test_everything_is_read_and_read_again_without_a_change(play: Play) -> None:
    scene = play(account)
    pages = [outcome.window.pages for outcome in scene.read() if outcome.window]
    # In pages of 25: 60 customers and documents are 3 pages, 120 lines and entries 5; six small tables have one.
    assert pages == [3, 3, 5, 5, 1, 1, 1, 1, 1, 1]
    assert scene.differences() == {}
    # 60 + 60 + 120 + 120, and 1 subsidiary, currency, period, item and term, 2 accounts
    assert scene.count("raw.version") == 6 * CUSTOMERS + 7
    scene.clock.advance(minutes=5)
    again = scene.read() + scene.read(mode="full")
    assert [outcome.window.changed for outcome in again if outcome.window] == [0] * 20


def test_new_and_changed_records_arrive(scene: Scene) -> None:
    scene.clock.advance(hours=5)
    invoiced(scene.vendor, 700)
    scene.vendor.put("transaction", {"id": 1007, "status": "B", "foreignamountpaid": "119.00"})
    scene.vendor.put("transactionline", {"transaction": 1008, "id": 2, "foreignamount": "0.00", "subsidiary": 1})
    scene.vendor.put("term", {"id": 4, "name": "Net 60", "daysuntilnetdue": 60})
    scene.clock.advance(seconds=30)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.copy("invoice", "1007")["status"] == "paid"
    assert scene.copy("customer", "700")["name"] == "Zürich Works 700"


def test_deleted_records_arrive(scene: Scene) -> None:
    scene.clock.advance(hours=1)
    scene.vendor.put("customer", {"id": 900, "companyname": "Brief"})
    scene.vendor.put("term", {"id": 4, "name": "Net 60"})
    scene.clock.advance(minutes=1)
    scene.read()
    scene.vendor.delete("customer", "900")
    scene.vendor.delete("transaction", "1009")
    scene.vendor.delete("term", "3")
    scene.clock.advance(minutes=5)
    scene.read()
    assert scene.differences() == {}
    scene.conform()
    assert scene.count("canonical.posting", "document_id = '1009' AND deleted_at IS NULL") == 0


def test_a_record_that_becomes_visible_late_is_read_by_the_overlap(scene: Scene) -> None:
    scene.clock.advance(hours=3)
    shown = scene.clock.now() + timedelta(minutes=50)
    scene.vendor.put("customer", {"id": 901, "companyname": "Late"}, visible_at=shown)
    for minutes in (20, 40):
        scene.clock.advance(minutes=minutes)
        scene.read("customer")
        assert scene.differences("customer") == {}
    assert "901" in scene.vendor.census()["customer"]


def test_many_records_with_one_stamp_are_read_across_page_edges(scene: Scene) -> None:
    scene.clock.advance(hours=3)
    for number in range(2000, 2070):
        scene.vendor.put("customer", {"id": number, "companyname": "Imported"})
    scene.clock.advance(seconds=30)
    scene.read("customer")
    assert scene.differences("customer") == {}


def test_lines_that_change_without_touching_their_document_are_read(scene: Scene) -> None:
    scene.clock.advance(hours=3)
    scene.vendor.quirks.lines_leave_header = True
    scene.vendor.put("transactionline", {"transaction": 1003, "id": 1, "memo": "Corrected"})
    scene.clock.advance(minutes=1)
    scene.read(*DOCUMENTS)
    scene.conform()
    assert scene.copy("document_line", "1003-1")["memo"] == "Corrected"


def test_records_that_change_and_vanish_while_pages_are_read_are_not_lost(play: Play) -> None:
    scene = play(account)

    def happen(page: int) -> None:
        scene.clock.advance(seconds=1)
        for number in (page, CUSTOMERS - page):
            scene.vendor.put("customer", {"id": number, "companyname": f"Moved {page}"})
            scene.vendor.put("transaction", {"id": 1000 + number, "memo": f"Moved {page}"})
        scene.vendor.put("customer", {"id": 3000 + page, "companyname": f"Born {page}"})
        scene.vendor.put("customer", {"id": 30000 - page, "companyname": "Brief"})

    scene.meanwhile("suiteql", happen)
    scene.read("customer", "transaction")
    scene.disturb()
    scene.clock.advance(minutes=2)
    scene.read("customer", "transaction")
    assert scene.differences("customer", "transaction") == {}
    scene.conform()
    assert scene.copy("customer", "1")["name"] == "Moved 1"
