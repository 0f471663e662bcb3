"""From changes to verdicts, and from verdicts to the life of a break in the ledger."""

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from sync_assets.reconcile.rules import RULES
from sync_assets.store.engine import Store
from sync_assets_tests.reconcile.books import Books


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def test_an_invoice_that_never_reached_the_erp_is_broken_at_the_hop(books: Books) -> None:
    books.invoice("1042")
    books.judge()
    (found,) = books.breaks()
    assert (found["class"], found["verdict"], found["owner"]) == ("F51", "BROKEN", "FI")
    assert found["entity_id"] == "chargebee:1042"
    # the document counts gross: 100.00 and 19.00 of tax
    assert (found["money_at_risk_minor"], found["currency"], found["kind"]) == (11_900, "EUR", "MISSTATE")
    assert found["first_divergence"]["hop"] == "billing->erp"
    assert "119.00 EUR" in found["explanation"]


def test_an_invoice_that_the_erp_holds_and_posted_is_no_break(books: Books) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042")
    books.judge()
    assert books.breaks() == []


def test_an_invoice_still_on_its_way_is_no_break_until_its_lag_has_passed(books: Books) -> None:
    books.invoice("1042", issued_at=books.through, finalised_at=books.through)
    books.judge()
    assert books.breaks() == []
    # the lag of F51 is four hours
    books.through += timedelta(hours=3, minutes=59)
    books.judge()
    assert books.breaks() == []
    books.through += timedelta(minutes=1)
    books.judge()
    assert [row["class"] for row in books.breaks()] == ["F51"], "nothing changed but time"


def test_what_happened_after_the_last_read_cannot_be_known(books: Books) -> None:
    later = books.through + timedelta(hours=1)
    books.invoice("1042", issued_at=later, finalised_at=later)
    books.judge()
    assert books.breaks() == []


def test_without_the_erp_nothing_is_said_about_it_and_the_setting_is_named(books: Books) -> None:
    books.missing = {"erp"}
    books.invoice("1042")
    done = books.judge()
    assert books.breaks() == []
    reason = next(why for rule, why in done.unknowable.items() if rule.startswith("F51"))
    assert "no erp system was ever read" in reason
    assert "SYNC_" in reason


def test_a_break_closes_by_itself_when_the_copies_agree_and_reopens_when_they_part(books: Books) -> None:
    books.invoice("1042")
    books.judge()
    books.through += timedelta(hours=1)
    books.erp_invoice("900", "1042")
    books.judge()
    assert books.breaks() == []
    (closed,) = books.breaks(closed=True)
    assert closed["class"] == "F51"
    books.through += timedelta(hours=1)
    books.put(
        "netsuite", "invoice", "900", copy_of="billing:1042", customer_id="7", status="open", is_void=False,
        currency="EUR", total_minor=11_900, deleted_at=books.through - timedelta(hours=5),
    )  # fmt: skip
    books.judge()
    (again,) = books.breaks()
    assert again["break_id"] == closed["break_id"]
    assert again["closed_at"] is None


def test_judging_again_without_changes_changes_nothing(books: Books) -> None:
    books.invoice("1042")
    books.judge()
    (first,) = books.breaks()
    done = books.judge()
    assert (done.opened, done.closed) == ([], [])
    (second,) = books.breaks()
    assert second["opened_at"] == first["opened_at"]
    assert second["first_divergence"] == first["first_divergence"]
    assert second["first_divergence"]["run_id"] == "sync", "the run that observed the invoice, not the one that judged"


def test_judging_changes_gives_what_judging_everything_gives(books: Books) -> None:
    books.judge()
    books.invoice("1")
    books.judge()
    books.invoice("2")
    books.erp_invoice("900", "1")
    books.judge()
    step_by_step = {(row["class"], row["entity_id"]) for row in books.breaks()}
    books.judge(full=True)
    assert {(row["class"], row["entity_id"]) for row in books.breaks()} == step_by_step == {("F51", "chargebee:2")}


@pytest.mark.parametrize(
    ("fields", "field", "minor"),
    [
        ({"total_minor": 10_900}, "total_minor", 1_000),  # 119.00 - 109.00
        ({"is_void": True, "status": "void"}, "is_void", 11_900),  # one side void: the whole document
        ({"currency": "USD"}, "currency", 11_900),
    ],
)
def test_an_erp_invoice_that_differs_is_worth_the_difference(
    books: Books, fields: dict[str, object], field: str, minor: int
) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042", **fields)
    books.judge()
    found = next(row for row in books.breaks() if row["class"] == "F50")
    assert (found["first_divergence"]["field"], found["money_at_risk_minor"]) == (field, minor)


def test_an_invoice_void_on_both_sides_is_no_break(books: Books) -> None:
    books.invoice("1042", status="void", is_void=True)
    books.erp_invoice("900", "1042", status="void", is_void=True)
    books.judge()
    assert books.breaks() == []


@pytest.mark.parametrize("fields", [{"total_minor": 0, "tax_minor": 0}, {"status": "draft"}])
def test_drafts_and_zero_invoices_need_no_posting(books: Books, fields: dict[str, object]) -> None:
    books.invoice("1042", **fields)
    books.judge()
    assert not [row for row in books.breaks() if row["class"] == "F51"]


def test_a_header_that_is_not_the_sum_of_its_lines_is_a_break_in_billing(books: Books) -> None:
    # lines 100.00 + tax 19.00 = 119.00, header 120.00
    books.invoice("1042", total_minor=12_000)
    books.erp_invoice("900", "1042", total_minor=12_000)
    books.judge()
    (found,) = [row for row in books.breaks() if row["class"] == "F49"]
    assert (found["money_at_risk_minor"], found["first_divergence"]["hop"]) == (100, "billing")


def test_ledger_lines_that_do_not_balance_are_a_break_at_the_ledger(books: Books) -> None:
    books.invoice("1042")
    books.erp_invoice("900", "1042")
    books.put(
        "netsuite", "posting", "900-1-1", document_id="900", line_id="1", book="1", debit_minor=0, credit_minor=11_000,
        is_posting=True,
    )  # fmt: skip
    books.judge()
    (found,) = books.breaks()
    # debits 119.00, credits 110.00: the lines are not missing (F75), they do not balance
    assert (found["class"], found["first_divergence"]["hop"]) == ("F82", "erp->ledger")
    assert (found["entity_id"], found["entity"], found["money_at_risk_minor"]) == ("chargebee:1042", "invoice", 900)


def test_a_symptom_points_to_its_root_and_carries_no_money(books: Books) -> None:
    # a header 1.00 too high in billing, and the ERP posted the lines: F49 explains F50
    books.invoice("1042", total_minor=12_000)
    books.erp_invoice("900", "1042")
    books.judge()
    by_class = {row["class"]: row for row in books.breaks()}
    assert by_class["F49"]["root"]
    assert by_class["F50"]["caused_by"] == by_class["F49"]["break_id"]
    assert by_class["F50"]["money_at_risk_minor"] == 0


def test_the_planner_knows_small_tables_before_everything_is_judged(books: Books) -> None:
    # Without, a first evaluation of 100 subscriptions took a minute: an unknown table is taken for another size.
    looked = text("SELECT reltuples FROM pg_class WHERE oid = 'canonical.subscription'::regclass")
    with books.store.begin() as connection:
        connection.execute(text("TRUNCATE canonical.subscription"))
        assert connection.execute(looked).scalar_one() == -1, "nobody looked at it yet"
    books.judge(full=True)
    with books.store.begin() as connection:
        assert connection.execute(looked).scalar_one() == 0


def test_rules_that_ask_the_same_of_the_same_records_ask_the_database_once(books: Books) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    books.invoice("1042")
    event.listen(books.store.engine, "before_cursor_execute", note)
    try:
        books.judge()
    finally:
        event.remove(books.store.engine, "before_cursor_execute", note)
    # a missing period (F45) and a gap between two (F48) are told apart in what one select finds
    assert len([rule for rule in RULES if "AS covered_until" in rule.select]) == 2
    assert len([statement for statement in asked if "AS covered_until" in statement]) == 1
