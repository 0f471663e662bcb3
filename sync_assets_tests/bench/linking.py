"""How well and how fast customers are linked: on FEBRL's labelled records, on a million, and a thousand new ones."""

import json

from sqlalchemy import Connection, text

from sync_assets.connect.discover import discover, played
from sync_assets.identity.free_mail import FREE_MAIL
from sync_assets.identity.people import link_alike
from sync_assets.store import embedded
from sync_assets.store.engine import home, open_store
from sync_assets.store.links import link_customers
from sync_assets_tests.bench.meter import Cost, measured
from sync_assets_tests.identity.people_of_febrl import linked_people

NEW = 1_000

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


def febrl() -> Cost:
    """FEBRL 4 through the whole of linking; what was found is left in the home."""
    from sync_assets.operate.home import prepare

    prepare()
    store = open_store()
    with measured(embedded.where(home())) as cost:
        found = linked_people(store)
    (home() / "febrl.json").write_text(json.dumps(vars(found)))
    return cost


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
