"""The record service's types and field names over the same tables that SuiteQL shows.

Belongs here: which rows a type has, and how its fields are spelled, as data.
Source: Oracle online help, REST API Browser; names in the mappings of Nango, target-netsuite-v2 and lago.
"""

import re
from dataclasses import dataclass

from sync_assets.sandbox.vendors.netsuite.defaults import TYPES

_SPELLED = (
    "tranId tranDate dueDate createdDate dateCreated lastModifiedDate externalId entityId companyName isInactive"
    " isPerson creditLimit creditHoldOverride defaultTaxReg vatRegNumber exchangeRate postingPeriod itemId displayName"
    " itemType periodName startDate endDate allLocked arLocked apLocked allowNonGLChanges closedOnDate isAdjust"
    " isQuarter isYear isPosting acctNumber acctType legalName isElimination isBaseCurrency currencyPrecision"
    " daysUntilNetDue otherRefNum firstName lastName transactionNumber incomeAccount isSummary displaySymbol"
).split()
_CAMEL = {name.lower(): name for name in _SPELLED}

_RENAMED = {"foreigntotal": "total", "foreignamountpaid": "amountPaid", "foreignamountunpaid": "amountRemaining"}
"""Amounts of a transaction in its own currency, as the record service calls them."""

_INTERNAL = frozenset("id type recordtype abbrevtype void createdby lastmodifiedby trandisplayname".split())


@dataclass(frozen=True, kw_only=True)
class RecordType:
    """One type of the record service: its table, and the values that pick its rows there."""

    name: str
    table: str
    column: str = ""
    values: tuple[str, ...] = ()

    @property
    def has_lines(self) -> bool:
        """True for transactions, whose lines are a sublist."""
        return self.table == "transaction"


def _plain(*names: str) -> list[RecordType]:
    return [RecordType(name=name, table=name.lower()) for name in names]


_ITEMS = {"nonInventorySaleItem": "NonInvtPart", "serviceSaleItem": "Service", "otherChargeSaleItem": "OthCharge"}

RECORD_TYPES: dict[str, RecordType] = {
    record_type.name.lower(): record_type
    for record_type in (
        *_plain("customer", "subsidiary", "currency", "account", "accountingPeriod", "term"),
        *(
            RecordType(name=kind.rest_name, table="transaction", column="type", values=(code,))
            for code, kind in TYPES.items()
        ),
        *(RecordType(name=name, table="item", column="itemtype", values=(code,)) for name, code in _ITEMS.items()),
    )
}


def field_name(column: str) -> str:
    """How the record service spells a column; empty when it does not show it."""
    if column in _INTERNAL:
        return ""
    return _RENAMED.get(column) or _CAMEL.get(column, column)


def column_name(field: str) -> str:
    """The column behind a field name of the record service."""
    back = {name.lower(): column for column, name in _RENAMED.items()}
    return back.get(field.lower(), re.sub(r"[^a-z0-9_]", "", field.lower()))
