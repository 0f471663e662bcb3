"""Each customer record's customer: when it is judged anew, and how many records each rule links.

Belongs here: what the identity floor asks of the store. Not here: the steps of linking (`link_steps`).
"""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import text

from sync_assets.store.engine import Store
from sync_assets.store.link_steps import BEFORE, LINK, MANY, PREPARE, TELL_PLANNER, TOUCH

_PENDING = text("""
    SELECT coalesce(max(c.change_id), 0) AS through,
        coalesce((SELECT change_id FROM sync.consumed WHERE consumer = 'identity' AND entity = 'customer'), 0) AS taken
    FROM canonical.customer c
""")
_TAKEN = text("""
    INSERT INTO sync.consumed (consumer, entity, change_id) VALUES ('identity', 'customer', :through)
    ON CONFLICT (consumer, entity) DO UPDATE SET change_id = excluded.change_id
""")
_COVERAGE = text("SELECT rule, count(*) AS records FROM identity.customer GROUP BY rule ORDER BY rule")


Record = tuple[str, str]
"""A customer record: its system and its id there."""


def link_customers(
    store: Store,
    roles: Mapping[str, Sequence[str]],
    free_mail: Collection[str] = frozenset(),
    also: Collection[Record] = (),
) -> int:
    """Link the customer records that changed, and those whose link hangs on them; returns how many links changed.

    Args:
        store: our database.
        roles: the systems that play each role.
        free_mail: domains that belong to no company and link nothing, lower case.
        also: records about which something was decided.
    """
    with store.begin() as connection:
        pending = connection.execute(_PENDING).one()
        if pending.through <= pending.taken and not also:
            return 0
        bound = {
            "crm": list(roles.get("crm", ())),
            "billing": list(roles.get("billing", ())),
            "free_mail": sorted(free_mail),
            "taken": pending.taken,
            "through": pending.through,
            "also_systems": [system for system, _ in also],
            "also_ids": [record_id for _, record_id in also],
        }
        for statement in PREPARE:
            connection.execute(text(statement))
        for step in TOUCH:
            written = connection.execute(step, bound).rowcount
        if written >= MANY:
            connection.execute(TELL_PLANNER)
        for step in BEFORE:
            connection.execute(step, bound)
        changed = connection.execute(LINK, bound).scalar_one()
        connection.execute(_TAKEN, {"through": pending.through})
    return int(changed)


def link_coverage(store: Store) -> dict[str, int]:
    """Customer records per linking rule; `own` are those that name nothing and are named by nothing."""
    with store.begin() as connection:
        return {row.rule: row.records for row in connection.execute(_COVERAGE)}


_COUNTRIES = text("""
    SELECT record_id, copy_of, country FROM canonical.legal_entity WHERE deleted_at IS NULL ORDER BY system, record_id
""")


def legal_entity_countries(store: Store) -> dict[str, str | None]:
    """The country of each legal entity, by every name it has: its id in the ERP and the name others use for it."""
    with store.begin() as connection:
        rows = connection.execute(_COUNTRIES).all()
    return {name: row.country for row in rows for name in (row.record_id, row.copy_of) if name}
