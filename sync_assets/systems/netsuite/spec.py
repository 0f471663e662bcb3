"""NetSuite declared: its streams as data, by the names of its own tables."""

from sync_assets.connect.spec import Mapped, Stream, System, audited_in
from sync_assets.systems.netsuite import mappings, tables
from sync_assets.systems.netsuite.ask import clock
from sync_assets.systems.netsuite.glance import find, probe
from sync_assets.systems.netsuite.login import CLIENT_CREDENTIALS, TOKEN_BASED, open_client
from sync_assets.systems.netsuite.query import Table
from sync_assets.systems.netsuite.reads import read

DOCUMENT = "https://docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/section_157909186990.html"

LATENESS_S = 3600
"""An hour of overlap: whether lines and applications of payments always touch the header is not confirmed."""


def _changing(name: str, table: Table, *mapped: Mapped, key: tuple[str, ...] = ("id",)) -> Stream:
    """A stream with change stamps; the reader renders the latest of them as `lastmodifieddate`."""
    return Stream(
        name=name,
        key=key,
        key_kind="whole_number",
        document=DOCUMENT,
        stamp="lastmodifieddate",
        stamp_kind="wall",
        lateness_s=LATENESS_S,
        part_of="transaction" if key[0] == "transaction" else None,
        bounded=bool(table.bound),
        read={"table": table},
        mappings=mapped,
    )


def _snapshot(name: str, table: Table, *mapped: Mapped) -> Stream:
    """A small table without a reliable change stamp, read whole."""
    return Stream(
        name=name,
        key=("id",),
        key_kind="whole_number",
        document=DOCUMENT,
        probed=False,
        read={"table": table},
        mappings=mapped,
    )


STREAMS = (
    _changing("customer", tables.CUSTOMER, mappings.CUSTOMER),
    _changing("transaction", tables.TRANSACTION, *mappings.DOCUMENTS),
    _changing("transactionline", tables.TRANSACTION_LINE, *mappings.LINES, key=("transaction", "id")),
    _changing(
        "transactionaccountingline",
        tables.ACCOUNTING_LINE,
        mappings.POSTING,
        key=("transaction", "transactionline", "accountingbook"),
    ),
    _snapshot("subsidiary", tables.SUBSIDIARY, mappings.SUBSIDIARY),
    _snapshot("currency", tables.CURRENCY, mappings.CURRENCY),
    _snapshot("accountingperiod", tables.ACCOUNTING_PERIOD, mappings.PERIOD),
    _snapshot("account", tables.ACCOUNT, mappings.ACCOUNT),
    _snapshot("item", tables.ITEM, mappings.ITEM),
    _snapshot("term", tables.TERM, mappings.TERM),
)

SYSTEM = System(
    name="netsuite",
    role="erp",
    api_version="v1",
    document=DOCUMENT,
    streams=STREAMS,
    credentials=(("ACCOUNT", *CLIENT_CREDENTIALS), ("ACCOUNT", *TOKEN_BASED)),
    optional={"TIME_ZONE": ""},
    rate_per_minute=300,
    open=open_client,
    clock=clock,
    read=read,
    find=find,
    probe=probe,
    audit=audited_in("sync_assets.systems.netsuite.audit"),
    parallel=2,
)
