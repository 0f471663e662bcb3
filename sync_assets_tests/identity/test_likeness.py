"""Records that name nothing are linked to whom they are surely like, put before a person when not, and never twice."""

from typing import Any

import pytest
from sqlalchemy import text

from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.identity.people import accept, link_alike, reject, split, take_back, told_events, told_tasks
from sync_assets.model.errors import SettingError
from sync_assets.store.engine import Store
from sync_assets.store.links import link_customers
from sync_assets.store.matches import changes_to_compare, events, tasks
from sync_assets.store.sides import sides
from sync_assets_tests.reconcile.books import SYSTEMS, Books

WORDS: dict[str, str | None] = {"made_by": "ada", "reason": "asked the customer"}
ACME: dict[str, Any] = {
    "name": "Acme Robotics GmbH",
    "street": "Hauptstrasse 12",
    "city": "Koeln",
    "postcode": "50667",
    "country": "DE",
}


@pytest.fixture
def books(store: Store) -> Books:
    """Two accounts that have nothing in common."""
    made = Books(store=store)
    account(made, "A", **ACME)
    account(made, "B", name="Baker & Sons", street="1 High Street", city="Leeds", postcode="LS1 4AP", country="GB")
    return made


def account(books: Books, record_id: str, **fields: Any) -> None:
    books.put("salesforce", "customer", record_id, **{"status": "active", **fields})


def billed(books: Books, record_id: str, **fields: Any) -> None:
    books.put("chargebee", "customer", record_id, **{"status": "active", **fields})


def linked(books: Books) -> dict[str, str]:
    """What changed is linked, then compared; every record beside its customer."""
    link_customers(books.store, SYSTEMS, FREE_MAIL)
    link_alike(books.store, SYSTEMS)
    with books.store.begin() as connection:
        rows = connection.execute(text("SELECT system || ':' || record_id AS name, customer_id FROM identity.customer"))
        return {row.name: row.customer_id for row in rows}


def test_a_record_with_the_like_name_and_address_is_linked_with_its_evidence(books: Books) -> None:
    billed(books, "c1", **ACME | {"name": "ACME Robotics", "street": "Hauptstrase 12"})
    assert linked(books)["chargebee:c1"] == "salesforce:A"
    (event,) = (each for each in events(books.store, 10) if each["event"] == "linked")
    assert (event["event"], event["became"], event["made_by"]) == ("linked", "crm:A", "likeness")


def test_who_names_the_record_goes_with_it(books: Books) -> None:
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    billed(books, "c1", **ACME)
    assert linked(books)["stripe:cus_1"] == "salesforce:A"


ASKED: dict[str, dict[str, Any]] = {
    "a sister company under the same roof": {"name": "Acme Logistics GmbH"},
    "another company under the same roof": {"name": "Zenith Tax Advisors"},
}


SISTERS = {
    "of the next number": ("Acme Fund II GmbH", "Acme Fund III GmbH"),
    "of the next letter": ("Acme Grundstuecks A GmbH", "Acme Grundstuecks B GmbH"),
    "of another region": ("Acme Robotics North Ltd", "Acme Robotics South Ltd"),
    "that holds the other": ("Acme Deutschland GmbH", "Acme Deutschland Holding GmbH"),
}


@pytest.mark.parametrize("sister", SISTERS)
def test_a_sister_company_is_a_question_however_little_its_name_differs(books: Books, sister: str) -> None:
    ours, theirs = SISTERS[sister]
    account(books, "A", **ACME | {"name": ours})
    billed(books, "c1", **ACME | {"name": theirs})
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    assert len(tasks(books.store, 10)) == 1


SPELLINGS = ["Acme Robtics GmbH", "Robotics Acme", "AcmeRobotics GmbH", "Acme Ro botics"]


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_a_name_that_is_only_spelt_otherwise_is_no_question(books: Books, spelt: str) -> None:
    billed(books, "c1", **ACME | {"name": spelt})
    assert linked(books)["chargebee:c1"] == "salesforce:A"


@pytest.mark.parametrize("what", ASKED)
def test_what_is_alike_but_may_be_another_is_put_before_a_person(books: Books, what: str) -> None:
    billed(books, "c1", **ACME | ASKED[what])
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    (line,) = told_tasks(books.store, 10)
    assert "chargebee:c1 is like crm:A" in line
    assert "street equal" in line
    assert "Hauptstrasse" not in line, "a task tells how fields agree, never what they say"


TWINS: dict[str, dict[str, Any]] = {
    "the same name in another country": {"country": "FR", "city": "Paris", "postcode": "75001", "street": "Rue 1"},
    "another company of the same town": {"name": "Zenith", "street": "Ring 4", "postcode": "50999"},
    "nothing known": {"name": None, "street": None, "city": None, "postcode": None, "country": None},
}


@pytest.mark.parametrize("twin", TWINS)
def test_benign_twins_are_neither_linked_nor_asked_about(books: Books, twin: str) -> None:
    billed(books, "c1", **ACME | TWINS[twin])
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    assert tasks(books.store, 10) == []


def test_another_tax_id_is_never_overruled_by_a_like_name_and_address(books: Books) -> None:
    account(books, "A", **ACME, tax_id="DE123456789")
    billed(books, "c1", **ACME, tax_id="DE987650000")
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    assert len(tasks(books.store, 10)) == 1


def test_two_records_of_one_system_for_one_account_are_a_question(books: Books) -> None:
    billed(books, "c1", **ACME)
    billed(books, "c2", **ACME)
    found = linked(books)
    assert (found["chargebee:c1"], found["chargebee:c2"]) == ("chargebee:c1", "chargebee:c2")
    assert {row["record_id"] for row in tasks(books.store, 10)} == {"c1", "c2"}


def test_two_accounts_that_a_record_is_equally_like_are_a_question(books: Books) -> None:
    account(books, "A2", **ACME)
    billed(books, "c1", **ACME)
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    assert {row["node"] for row in tasks(books.store, 10)} == {"crm:A", "crm:A2"}


def test_an_account_that_comes_later_is_compared_with_what_was_left_over(books: Books) -> None:
    billed(books, "c1", name="Corvus", street="5 Quay", city="Cork", postcode="T12", country="IE")
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    account(books, "C", name="Corvus Ltd", street="5 Quay", city="Cork", postcode="T12", country="IE")
    assert linked(books)["chargebee:c1"] == "salesforce:C"


def test_an_account_that_comes_later_is_weighed_against_those_that_came_before(books: Books) -> None:
    account(books, "A2", **ACME)
    billed(books, "c1", **ACME)
    assert linked(books)["chargebee:c1"] == "chargebee:c1", "A and A2 are equally like"
    account(books, "A3", **ACME)
    assert linked(books)["chargebee:c1"] == "chargebee:c1", "and so is A3: that it came alone makes it no likelier"


def test_an_account_of_which_nothing_changed_that_is_compared_is_not_compared_again(books: Books) -> None:
    billed(books, "c1", **ACME | ASKED["a sister company under the same roof"])
    linked(books)
    taken, _ = changes_to_compare(books.store)
    account(books, "A", **ACME, status="inactive")
    link_customers(books.store, SYSTEMS, FREE_MAIL)
    assert sides(books.store, SYSTEMS, taken) is None
    account(books, "A", **ACME, domain="acme.example")
    link_customers(books.store, SYSTEMS, FREE_MAIL)
    assert sides(books.store, SYSTEMS, taken) is not None


def test_only_those_are_fetched_that_share_something_with_whom_they_are_compared(books: Books) -> None:
    billed(books, "c1", **ACME)
    link_customers(books.store, SYSTEMS, FREE_MAIL)
    both = sides(books.store, SYSTEMS, 0)
    assert both is not None
    names = [line.split(",")[0] for line in both.known.read().decode().splitlines()]
    assert (names, both.candidates) == (["unique_id", "crm:A"], 2)


def test_an_accepted_task_links_and_its_undoing_asks_again(books: Books) -> None:
    billed(books, "c1", **ACME | ASKED["a sister company under the same roof"])
    linked(books)
    (task,) = tasks(books.store, 10)
    accept(books.store, SYSTEMS, task["match_id"], WORDS)
    assert linked(books)["chargebee:c1"] == "salesforce:A"
    decision = next(event for event in events(books.store, 10) if event["event"] == "accepted")
    take_back(books.store, SYSTEMS, decision["event_id"], WORDS)
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    assert len(tasks(books.store, 10)) == 1
    with pytest.raises(SettingError, match="decided otherwise since"):
        take_back(books.store, SYSTEMS, decision["event_id"], WORDS)


def test_a_rejected_pair_is_never_proposed_again(books: Books) -> None:
    billed(books, "c1", **ACME | ASKED["a sister company under the same roof"])
    linked(books)
    (task,) = tasks(books.store, 10)
    reject(books.store, task["match_id"], WORDS)
    account(books, "A", **ACME, domain="acme.example")
    billed(books, "c1", **ACME | {"name": "Acme Logistics"})
    linked(books)
    assert tasks(books.store, 10) == []
    with pytest.raises(SettingError, match="no open task"):
        accept(books.store, SYSTEMS, task["match_id"], WORDS)


def test_a_record_that_was_split_off_stands_alone_whatever_it_names_until_that_is_undone(books: Books) -> None:
    billed(books, "c1", copy_of="crm:B", **ACME)
    assert linked(books)["chargebee:c1"] == "salesforce:B"
    split(books.store, SYSTEMS, "chargebee:c1", WORDS)
    assert linked(books)["chargebee:c1"] == "chargebee:c1"
    decision = next(event for event in events(books.store, 10) if event["event"] == "split")
    take_back(books.store, SYSTEMS, decision["event_id"], WORDS)
    assert linked(books)["chargebee:c1"] == "salesforce:B"
    assert [line.split()[2] for line in told_events(books.store, 10)] == ["moved", "undone", "moved", "split"]


@pytest.mark.parametrize("record", ["c1", "chargebee:", "chargebee:nobody"])
def test_a_record_that_does_not_exist_cannot_be_split_off(books: Books, record: str) -> None:
    linked(books)
    with pytest.raises(SettingError, match="system:id"):
        split(books.store, SYSTEMS, record, WORDS)


def test_a_link_that_moved_wakes_the_rules_for_its_record(books: Books) -> None:
    billed(books, "c1", copy_of="crm:B")
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    linked(books)
    newest = text("SELECT max(change_id) FROM canonical.customer")
    changed = text("SELECT change_id FROM canonical.customer WHERE record_id = 'cus_1'")
    with books.store.begin() as connection:
        before = connection.execute(newest).scalar_one()
    billed(books, "c1", copy_of="crm:A")
    linked(books)
    with books.store.begin() as connection:
        assert connection.execute(changed).scalar_one() > before, "the neighbour did not change, but its customer did"
