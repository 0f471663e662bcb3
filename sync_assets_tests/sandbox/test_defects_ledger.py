"""Defects of the ERP's books happen as they do in business, and their truth is what the records say."""

from collections.abc import Iterator
from typing import Any

import pytest

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.town import Sandbox
from sync_assets.sandbox.truth import Truth
from sync_assets_tests.sandbox.towns import NOW, broken_town, clean_town, find, rows


def about(class_: str) -> Iterator[tuple[Sandbox, Truth]]:
    town = broken_town(class_)
    assert len(town.truths) == 3
    return ((town, truth) for truth in town.truths)


def seen(town: Sandbox, truth: Truth, number: int = 0) -> dict[str, Any]:
    record = truth.records[number]
    found = find(town, record.system, record.stream, record.record_id)
    assert found is not None
    return found


def minor(amount: Any, truth: Truth) -> int:
    return int(amount * (1 if truth.currency == "JPY" else 100))


def booked(town: Sandbox, document: int) -> dict[int, dict[str, Any]]:
    lines = rows(town, "netsuite", "transactionaccountingline")
    return {row["transactionline"]: row for row in lines if row["transaction"] == document}


def test_an_invoice_stands_twice_in_the_erp_the_second_time_without_its_external_id() -> None:
    for town, truth in about("F76"):
        again, first = seen(town, truth, 1), seen(town, truth, 2)
        assert (again["tranid"], again["foreigntotal"]) == (first["tranid"], first["foreigntotal"])
        assert first["id"] < again["id"]
        assert not again.get("externalid")
        assert first["externalid"] == f"chargebee_invoice_{again['tranid']}"
        assert minor(again["foreigntotal"], truth) == truth.money_minor
        assert set(booked(town, again["id"])) == set(booked(town, first["id"]))


def test_an_invoice_is_posted_one_period_after_its_day_while_its_own_is_open() -> None:
    for town, truth in about("F81"):
        document = seen(town, truth, 1)
        on = document["trandate"]
        assert document["postingperiod"] == (on.year + on.month // 12) * 100 + on.month % 12 + 1
        own = find(town, "netsuite", "accountingperiod", str(on.year * 100 + on.month))
        assert own is not None
        assert own.get("closedondate") is None or document["createddate"] < own["closedondate"]


def test_a_line_of_an_invoice_is_booked_to_an_account_that_is_not_its_items() -> None:
    for town, truth in about("F82"):
        document = seen(town, truth, 1)
        line = find(town, "netsuite", "transactionline", f"{document['id']}-1")
        assert line is not None
        item = find(town, "netsuite", "item", str(line["item"]))
        assert item is not None
        assert booked(town, document["id"])[1]["account"] not in (item["incomeaccount"], item["deferralaccount"])
        assert minor(-line["foreignamount"], truth) == truth.money_minor


def test_an_invoice_is_open_again_although_the_ledger_has_its_money() -> None:
    for town, truth in about("F80"):
        document = seen(town, truth, 2)
        assert document["status"] == "A"
        assert minor(document["foreignamountunpaid"], truth) == truth.money_minor


def test_a_journal_without_a_customer_moves_a_controlled_account() -> None:
    for town, truth in about("F95"):
        journal = seen(town, truth)
        assert (journal["type"], journal.get("entity"), journal.get("externalid")) == ("Journal", None, None)
        accounts = {line["account"] for line in booked(town, journal["id"]).values()}
        assert accounts & {ACCOUNTS["receivable"].id, ACCOUNTS["deferred"].id}
        assert minor(journal["foreigntotal"], truth) == truth.money_minor


@pytest.mark.parametrize(
    "kind", ["posted_anew", "after_the_close", "reclassified", "deferred_year", "rate_moved", "whole_yen"]
)
def test_each_kind_of_twin_lives_in_a_company_in_which_nothing_is_wrong(kind: str) -> None:
    twins = [benign for benign in clean_town().benign if benign.kind == kind]
    assert twins
    for benign in twins:
        assert find(clean_town(), *(getattr(benign.records[0], name) for name in ("system", "stream", "record_id")))


def test_recognition_marks_its_journals_as_its_own() -> None:
    town = clean_town()
    recognised = {row["id"] for row in rows(town, "netsuite", "transaction") if "Revenue recog" in (row["memo"] or "")}
    lines = [row for row in rows(town, "netsuite", "transactionline") if row["transaction"] in recognised]
    assert lines
    assert {row["isrevrectransaction"] for row in lines} <= {"T", True}
    assert town.clock.now() >= NOW


def test_an_invoice_in_yen_is_a_hundred_times_as_high_in_the_erp() -> None:
    for town, truth in about("F91"):
        invoice, document = seen(town, truth), seen(town, truth, 1)
        assert document["foreigntotal"] == invoice["total"] * 100
        assert truth.money_minor == invoice["total"] * 99


def test_an_invoice_is_booked_at_a_rate_that_its_header_does_not_show() -> None:
    for town, truth in about("F90"):
        document = seen(town, truth, 1)
        lines = booked(town, document["id"])
        assert {line["exchangerate"] for line in lines.values()} != {document["exchangerate"]}
        off = abs(lines[0]["netamount"] - document["foreigntotal"] * document["exchangerate"]) * 100
        # in euros, each line rounded for itself
        assert abs(off - truth.money_minor) <= len(lines)
        assert truth.currency == "EUR"


def test_a_payment_of_another_month_books_no_gain() -> None:
    for town, truth in about("F92"):
        payment = seen(town, truth, 1)
        cash, receivable = booked(town, payment["id"]).values()
        assert cash["netamount"] == -receivable["netamount"]
        assert truth.currency == "EUR"
