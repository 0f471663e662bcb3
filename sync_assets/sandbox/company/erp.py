"""How the ERP books: one transaction, its lines, and balanced accounting lines in the entity's own currency.

Amounts are debit positive, credit negative; the first entry is the main line. Balance is enforced here, document by
document: a rounding rest goes to the main line, a difference of exchange rates to its own account.

Source: SuiteQL tables transaction, transactionline, transactionaccountingline (raw amounts are debit positive).
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sync_assets.sandbox.company.accounts import ACCOUNTS, LedgerAccount
from sync_assets.sandbox.company.catalogue import CURRENCIES, LegalEntity
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.founding import period_id
from sync_assets.sandbox.company.nouns import Customer
from sync_assets.sandbox.company.rates import in_base, major


@dataclass(kw_only=True)
class Entry:
    """One line: `minor` in the document's currency, `base` in the entity's when it does not follow from the rate."""

    account: LedgerAccount
    minor: int
    base: int | None = None
    item: int | None = None
    quantity: int | None = None
    unit_minor: int | None = None
    is_tax: bool = False
    memo: str = ""


@dataclass(kw_only=True)
class Posting:
    """A document to be booked."""

    kind: str
    entity: LegalEntity
    currency: str
    on: date
    rate: Decimal
    entries: list[Entry]
    number: str
    external_id: str = ""
    customer: Customer | None = None
    memo: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    is_booked: bool = True
    is_recognition: bool = False


def post(company: Company, posting: Posting) -> int:
    """Write the document, its lines and its accounting lines; returns the ERP's id of the transaction.

    Raises:
        ValueError: the entries do not balance.
    """
    _balance(posting)
    erp, number = company.systems.erp, company.number("erp_transaction")
    header = {
        "id": number,
        "type": posting.kind,
        "tranid": posting.number,
        "externalid": posting.external_id or None,
        "entity": posting.customer.erp_id if posting.customer else None,
        "currency": CURRENCIES[posting.currency],
        "exchangerate": posting.rate,
        "trandate": posting.on,
        "postingperiod": period_id(posting.on),
        "foreigntotal": major(posting.entries[0].minor, posting.currency),
        "memo": posting.memo or None,
        "terms": posting.customer.net_days + 1 if posting.customer and posting.kind == "CustInvc" else None,
    }
    erp.put("transaction", {**header, **posting.extra})
    for line, entry in enumerate(posting.entries):
        _put_line(company, posting, number, line, entry)
    return number


def _balance(posting: Posting) -> None:
    if sum(entry.minor for entry in posting.entries):
        raise ValueError(f"{posting.kind} {posting.number} does not balance.")
    given = any(entry.base is not None for entry in posting.entries)
    for entry in posting.entries:
        if entry.base is None:
            entry.base = in_base(entry.minor, posting.currency, posting.entity.currency, posting.rate)
    rest = sum(entry.base or 0 for entry in posting.entries)
    if rest and given:
        posting.entries.append(Entry(account=ACCOUNTS["exchange"], minor=0, base=-rest, memo="Realized gain or loss"))
    elif rest:
        posting.entries[0].base = (posting.entries[0].base or 0) - rest


def _put_line(company: Company, posting: Posting, number: int, line: int, entry: Entry) -> None:
    erp, base_currency = company.systems.erp, posting.entity.currency
    base = entry.base or 0
    record = {
        "transaction": number,
        "id": line,
        "mainline": "T" if line == 0 else "F",
        "taxline": "T" if entry.is_tax else "F",
        "entity": posting.customer.erp_id if posting.customer else None,
        "subsidiary": posting.entity.subsidiary,
        "item": entry.item,
        "itemtype": "Service" if entry.item else None,
        "quantity": entry.quantity,
        "rate": None if entry.unit_minor is None else major(entry.unit_minor, posting.currency),
        "foreignamount": major(entry.minor, posting.currency),
        "netamount": major(base, base_currency),
        "memo": entry.memo or None,
        "isrevrectransaction": "T" if posting.is_recognition else "F",
    }
    erp.put("transactionline", record)
    if not posting.is_booked:
        return
    booked: dict[str, Any] = {"transaction": number, "transactionline": line, "accountingbook": 1}
    booked |= {
        "account": entry.account.id,
        "amount": major(base, base_currency),
        "netamount": major(base, base_currency),
    }
    booked["debit" if base > 0 else "credit"] = major(abs(base), base_currency)
    erp.put("transactionaccountingline", {**booked, "exchangerate": posting.rate})
