"""One cause of many breaks, as the check of its hop, the break list and its filter tell it."""

from typing import Any

import dagster as dg
import pytest

from sync_assets.integrity.ledger import read_breaks
from sync_assets.model.errors import SettingError
from sync_assets.operate.asked import checked_group
from sync_assets.reconcile.checks import hop_checks
from sync_assets.store.resource import StoreResource
from sync_assets_tests.operate.shell import Say, saying
from sync_assets_tests.reconcile.books import Books


@pytest.fixture
def missed(books: Books) -> Books:
    """Sixty invoices of one day over 119.00 EUR that the ERP lacks."""
    for number in range(60):
        books.invoice(f"{number}")
    books.judge()
    return books


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    return saying(capsys, monkeypatch)


def _listed(say: Say, *options: str) -> str:
    told = say("breaks", *options)
    assert told.code == 1, told
    return " ".join(told.out.split())


def test_the_check_of_the_hop_says_the_cause_that_more_breaks_share_than_it_can_list(missed: Books) -> None:
    key = dg.AssetKey(["reconciled", "billing_to_erp"])
    (check,) = [each for each in hop_checks("billing->erp", key) if each.check_key.name == "F51"]
    said: Any = check(store=StoreResource())
    (shared,) = [record.data for record in said.metadata["shared causes"].records]
    group = read_breaks(missed.store)[0]["group"]
    # 60 x 119.00 EUR
    assert (shared["breaks"], shared["at risk"]) == (60, "7,140.00 EUR")
    assert shared["each"] == f"sync-assets breaks --group {group['group_id']}"
    assert not said.passed


def test_the_list_tells_a_cause_once_and_each_break_when_asked(missed: Books, say: Say) -> None:
    group_id = read_breaks(missed.store)[0]["group"]["group_id"]
    folded = _listed(say)
    assert "60 in group" in folded
    assert "7,140.00 EUR" in folded
    assert "invoice 59" not in folded
    for options in (["--each"], ["--group", group_id]):
        single = _listed(say, *options)
        assert "60 in group" not in single
        assert single.count("119.00 EUR") == 60


def test_a_group_that_is_none_is_refused_with_the_way_to_those_there_are(missed: Books) -> None:
    with pytest.raises(SettingError, match="sync-assets breaks"):
        checked_group(read_breaks(missed.store), "0000")
