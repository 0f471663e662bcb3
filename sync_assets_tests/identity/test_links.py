"""Which customer each record is: by reference, by merge, by exact keys; benign twins stay apart."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.store.engine import Store
from sync_assets.store.links import link_customers
from sync_assets_tests.reconcile.books import SYSTEMS, Books

GONE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def books(store: Store) -> Books:
    return Books(store=store)


def account(books: Books, record_id: str, **fields: object) -> None:
    books.put("salesforce", "customer", record_id, **{"status": "active", **fields})


def billed(books: Books, record_id: str, **fields: object) -> None:
    books.put("chargebee", "customer", record_id, **{"status": "active", **fields})


def links(books: Books) -> dict[str, str]:
    """What changed is linked; every record with its customer."""
    link_customers(books.store, SYSTEMS, FREE_MAIL)
    with books.store.begin() as connection:
        rows = connection.execute(
            text("SELECT system || ':' || record_id AS record, customer_id FROM identity.customer")
        )
        return {row.record: row.customer_id for row in rows}


def from_nothing(books: Books) -> dict[str, str]:
    """The links of a store that forgot all it had linked."""
    with books.store.begin() as connection:
        for table in ("identity.customer", "identity.record_key", "sync.consumed"):
            connection.execute(text(f"DELETE FROM {table}"))
    return links(books)


def test_references_are_followed_to_the_account(books: Books) -> None:
    account(books, "A")
    billed(books, "c1", copy_of="crm:A")
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    books.put("netsuite", "customer", "n1", status="active", copy_of="billing:c1")
    assert set(links(books).values()) == {"salesforce:A"}


def test_an_orphan_keeps_its_own_id_until_the_account_it_names_appears(books: Books) -> None:
    billed(books, "c1", copy_of="crm:A")
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    assert links(books) == {"chargebee:c1": "chargebee:c1", "stripe:cus_1": "chargebee:c1"}
    account(books, "A")
    assert set(links(books).values()) == {"salesforce:A"}


def test_a_merge_maps_every_other_systems_record_at_once_and_its_undoing_maps_them_back(books: Books) -> None:
    account(books, "A")
    account(books, "B")
    billed(books, "c1", copy_of="crm:B")
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    before = links(books)
    account(books, "B", merged_into="A", deleted_at=GONE)
    assert set(links(books).values()) == {"salesforce:A"}
    account(books, "B", merged_into=None, deleted_at=None)
    assert links(books) == before


def test_a_ring_of_merges_stands_for_its_least_record(books: Books) -> None:
    account(books, "A", merged_into="C")
    account(books, "B", merged_into="A")
    account(books, "C", merged_into="B")
    billed(books, "c1", copy_of="crm:C")
    assert set(links(books).values()) == {"salesforce:A"}


def test_parents_that_own_each_other_change_no_link(books: Books) -> None:
    account(books, "A", parent_id="B")
    account(books, "B", parent_id="A")
    assert links(books) == {"salesforce:A": "salesforce:A", "salesforce:B": "salesforce:B"}


@pytest.mark.parametrize("written", ["DE123456789", "de 123 456 789", "DE-123.456.789"])
def test_a_tax_id_links_however_it_is_written_and_takes_along_who_names_the_record(books: Books, written: str) -> None:
    account(books, "A", tax_id="DE123456789", name="Acme")
    billed(books, "c1", tax_id=written, name="Acme Deutschland")
    books.put("stripe", "customer", "cus_1", status="active", copy_of="billing:c1")
    assert set(links(books).values()) == {"salesforce:A"}


@pytest.mark.parametrize("says_nothing", ["n/a", "none", "000000000", "XX0000000"])
def test_a_tax_id_that_says_nothing_links_nothing(books: Books, says_nothing: str) -> None:
    account(books, "A", tax_id=says_nothing)
    billed(books, "c1", tax_id=says_nothing)
    assert links(books)["chargebee:c1"] == "chargebee:c1"


def test_a_tax_id_links_only_while_one_record_on_each_side_holds_it(books: Books) -> None:
    account(books, "A", tax_id="DE123456789")
    billed(books, "c1", tax_id="DE123456789")
    assert links(books)["chargebee:c1"] == "salesforce:A"
    account(books, "B", tax_id="DE123456789")
    assert links(books)["chargebee:c1"] == "chargebee:c1"
    account(books, "B", tax_id="DE987654321")
    assert links(books)["chargebee:c1"] == "salesforce:A"
    billed(books, "c2", tax_id="DE123456789")
    assert {links(books)[f"chargebee:{one}"] for one in ("c1", "c2")} == {"chargebee:c1", "chargebee:c2"}


def test_a_subsidiary_with_its_parents_tax_id_is_not_its_parent(books: Books) -> None:
    account(books, "P", name="Acme Holding", tax_id="DE123456789", country="DE")
    account(books, "S", name="Acme Logistics GmbH", parent_id="P", country="DE")
    billed(books, "c1", name="ACME Logistics", tax_id="DE123456789", country="DE")
    assert links(books)["chargebee:c1"] == "chargebee:c1"


def test_one_domain_in_one_country_links_records_of_like_names(books: Books) -> None:
    account(books, "A", name="Acme", domain="www.acme.example.com", country="DE")
    billed(books, "c1", name="Acme GmbH", domain="ACME.example.com", country="de")
    assert links(books)["chargebee:c1"] == "salesforce:A"


TWINS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "the same name in two countries": ({"name": "Acme", "country": "DE"}, {"name": "Acme", "country": "FR"}),
    "a domain in two countries": (
        {"name": "Acme", "domain": "acme.com", "country": "DE"},
        {"name": "Acme", "domain": "acme.com", "country": "FR"},
    ),
    "a reseller's domain": (
        {"name": "Resell", "domain": "resell.com", "country": "DE"},
        {"name": "Baker", "domain": "resell.com", "country": "DE"},
    ),
    "free mail": (
        {"name": "Acme", "domain": "gmail.com", "country": "DE"},
        {"name": "Acme", "domain": "gmail.com", "country": "DE"},
    ),
    "another tax id": (
        {"name": "Acme", "domain": "acme.com", "country": "DE", "tax_id": "DE123456789"},
        {"name": "Acme", "domain": "acme.com", "country": "DE", "tax_id": "DE987654321"},
    ),
}


@pytest.mark.parametrize("twin", TWINS)
def test_benign_twins_stay_apart(books: Books, twin: str) -> None:
    ours, theirs = TWINS[twin]
    account(books, "A", **ours)
    billed(books, "c1", **theirs)
    assert links(books)["chargebee:c1"] == "chargebee:c1"


def test_a_customers_id_does_not_change_because_a_link_is_added(books: Books) -> None:
    account(books, "A", tax_id="DE123456789")
    billed(books, "c1", copy_of="crm:A")
    before = links(books)
    books.put("netsuite", "customer", "n1", status="active", tax_id="DE123456789")
    assert links(books) == {**before, "netsuite:n1": "salesforce:A"}


def test_links_that_followed_changes_are_the_links_judged_from_nothing(books: Books) -> None:
    for number in range(12):
        account(books, f"A{number}", name=f"Firm {number}", domain=f"firm{number % 9}.com", country="DE")
        billed(books, f"c{number}", name=f"Firm {number} GmbH", domain=f"firm{number}.com", country="DE")
        books.put("stripe", "customer", f"s{number}", status="active", copy_of=f"billing:c{number}")
    links(books)
    for number in range(0, 12, 2):
        account(books, f"A{number}", name=f"Firm {number}", domain=f"firm{number}.com", country="DE")
        billed(books, f"c{number + 1}", name=f"Firm {number}", tax_id=f"DE00{number}123456", country="DE")
        links(books)
    account(books, "A3", merged_into="A4", deleted_at=GONE)
    followed = links(books)
    assert from_nothing(books) == followed
    assert followed["stripe:s4"] == "salesforce:A4"
    assert followed["salesforce:A3"] == "salesforce:A4"


def test_linking_twice_changes_nothing(books: Books) -> None:
    account(books, "A", tax_id="DE123456789")
    billed(books, "c1", tax_id="DE123456789")
    assert link_customers(books.store, SYSTEMS) == 2
    assert link_customers(books.store, SYSTEMS) == 0
    billed(books, "c1", tax_id="DE123456789", status="inactive")
    assert link_customers(books.store, SYSTEMS) == 0
