"""What people do about a break stays with it, and what they accept ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from sync_assets.integrity.acts import (
    Acceptance,
    accept,
    assign,
    claim_fixed,
    explain,
    let_pass,
    told_history,
    told_overrides,
    withdraw,
)
from sync_assets.integrity.ledger import open_roots
from sync_assets.model.errors import SettingError
from sync_assets.store.gates import BLOCKED, BlockedError, Decision, assert_open, keep_decision
from sync_assets.store.hops import open_at_hop
from sync_assets_tests.reconcile.books import Books

TODAY = datetime.now(UTC).date()


def terms(**changed: object) -> Acceptance:
    given = {"by": "Ada", "approver": "Ben", "reason": "posted by hand next week", "until": TODAY + timedelta(days=7)}
    return Acceptance(**{**given, **changed})  # type: ignore[arg-type]


@pytest.fixture
def missing(books: Books) -> str:
    """The id of the break about an invoice that the ERP lacks."""
    books.invoice("1042")
    books.judge()
    return str(books.breaks()[0]["break_id"])


def test_an_assigned_break_names_who_takes_care_of_it(books: Books, missing: str) -> None:
    assign(books.store, missing, to="Cleo", by="Ada")
    (found,) = books.breaks()
    assert (found["state"], found["assignee"]) == ("assigned", "Cleo")
    assign(books.store, missing[:6], to="Dan", by="Cleo")
    assert books.breaks()[0]["assignee"] == "Dan"
    assert [line.split()[1] for line in told_history(books.store, missing)] == ["opened,", "assigned,", "assigned,"]


def test_an_accepted_break_needs_nobody_and_is_listed_until_its_day(books: Books, missing: str) -> None:
    accept(books.store, missing, terms())
    (found,) = books.breaks()
    assert (found["state"], found["accepted_until"]) == ("accepted", str(TODAY + timedelta(days=7)))
    assert open_roots(books.store) == 0
    assert [row["is_accepted"] for row in open_at_hop(books.store, "billing->erp")] == [True]
    (line,) = told_overrides(books.store)
    assert missing in line
    assert "approved by Ben" in line
    with books.store.begin() as connection:
        late = {"until": str(TODAY - timedelta(days=1))}
        connection.execute(
            text("""
                UPDATE integrity.break_event
                SET detail = detail || jsonb_build_object('until', CAST(:until AS text)) WHERE event = 'accepted'
            """),
            late,
        )
    assert books.breaks()[0]["state"] == "open"
    assert open_roots(books.store) == 1
    assert told_overrides(books.store) == []


def test_an_acceptance_ends_when_the_break_says_something_else(books: Books, missing: str) -> None:
    accept(books.store, missing, terms())
    books.invoice("1042", total_minor=23_800, subtotal_minor=20_000, tax_minor=3_800)
    books.judge()
    found = next(row for row in books.breaks() if row["break_id"] == missing)
    assert found["state"] == "open", "what was accepted was 119.00, not 238.00"


def test_an_acceptance_can_be_withdrawn(books: Books, missing: str) -> None:
    accept(books.store, missing, terms())
    withdraw(books.store, missing, by="Ben")
    assert books.breaks()[0]["state"] == "open"


def test_what_somebody_calls_fixed_stays_open_until_the_copies_agree(books: Books, missing: str) -> None:
    claim_fixed(books.store, missing, note="posted", by="Ada")
    assert books.breaks()[0]["state"] == "fixed"
    assert open_roots(books.store) == 1
    books.erp_invoice("900", "1042")
    books.judge()
    assert books.breaks(closed=True)[0]["state"] == "closed"
    with pytest.raises(SettingError, match="is closed"):
        explain(books.store, missing, note="too late", by="Ada")


def test_a_closed_break_that_opens_again_is_not_accepted_any_more(books: Books, missing: str) -> None:
    accept(books.store, missing, terms())
    books.erp_invoice("900", "1042")
    books.judge()
    books.through += timedelta(days=1)
    books.put(
        "netsuite", "invoice", "900", copy_of="billing:1042", customer_id="7", status="open", is_void=False,
        currency="EUR", total_minor=11_900, deleted_at=books.through - timedelta(hours=5),
    )  # fmt: skip
    books.judge()
    assert books.breaks()[0]["state"] == "open"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"approver": "ada"}, "somebody else"),
        ({"approver": " "}, "approver is empty"),
        ({"reason": ""}, "reason is empty"),
        ({"reason": "x" * 501}, "501 characters"),
        ({"until": TODAY - timedelta(days=1)}, "must lie between"),
        ({"until": TODAY + timedelta(days=367)}, "must lie between"),
    ],
)
def test_nobody_accepts_alone_without_a_reason_or_for_ever(changed: dict[str, object], said: str) -> None:
    with pytest.raises(SettingError, match=said):
        terms(**changed)


def test_an_unknown_break_is_said_with_where_to_look(books: Books) -> None:
    with pytest.raises(SettingError, match="no break whose id begins with 'feed'"):
        assign(books.store, "feed", to="Cleo", by="Ada")


def test_a_closed_gate_that_is_overridden_lets_pass_and_is_listed(books: Books) -> None:
    decision = {"asset": "raw/stripe/charges", "check_name": "gate", "run_id": "r", "explanation": {}}
    keep_decision(books.store, Decision(outcome=BLOCKED, **decision))  # type: ignore[arg-type]
    with pytest.raises(BlockedError):
        assert_open(books.store, ["raw/stripe/charges"])
    let_pass(books.store, "raw/stripe/charges", terms())
    assert_open(books.store, ["raw/stripe/charges"])
    (line,) = told_overrides(books.store)
    assert line.startswith(f"until {TODAY + timedelta(days=7)}: gate of raw/stripe/charges, by Ada, approved by Ben")
    with pytest.raises(SettingError, match="has no gate"):
        let_pass(books.store, "raw/nothing", terms())
