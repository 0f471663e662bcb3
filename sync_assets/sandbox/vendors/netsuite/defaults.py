"""What NetSuite itself writes into a record when somebody saves it: stamps, numbers, types and the usual defaults.

Belongs here: defaults that depend on the record alone. No amounts are invented.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sync_assets.sandbox.shelf import Record


@dataclass(frozen=True, kw_only=True)
class Type:
    """One transaction type in the three vocabularies NetSuite uses, and its statuses by letter."""

    record_type: str
    short: str
    title: str
    statuses: dict[str, str]
    posting: bool = True

    @property
    def rest_name(self) -> str:
        """The record service's name, e.g. `creditMemo`."""
        first, *rest = self.title.split()
        return first.lower() + "".join(word.capitalize() for word in rest)


def _type(record_type: str, short: str, title: str, statuses: str = "", *, posting: bool = True) -> Type:
    names = dict(part.split("=") for part in statuses.split(";") if part)
    return Type(record_type=record_type, short=short, title=title, statuses=names, posting=posting)


TYPES: dict[str, Type] = {
    "CustInvc": _type("invoice", "INV", "Invoice", "A=Open;B=Paid In Full;D=Pending Approval;E=Rejected;V=Voided"),
    "CustCred": _type("creditmemo", "CREDMEM", "Credit Memo", "A=Open;B=Fully Applied;V=Voided"),
    "CustPymt": _type(
        "customerpayment", "PYMT", "Customer Payment", "A=Unapproved Payment;B=Not Deposited;C=Deposited;V=Voided"
    ),
    "CustRfnd": _type("customerrefund", "CUSTREF", "Customer Refund", "A=Open;B=Fully Applied;V=Voided"),
    "CustDep": _type("customerdeposit", "CUSTDEP", "Customer Deposit", "A=Not Deposited;B=Deposited;C=Fully Applied"),
    "DepAppl": _type("depositapplication", "DEPAPPL", "Deposit Application"),
    "CashSale": _type("cashsale", "CASHSALE", "Cash Sale", "A=Unapproved Payment;B=Not Deposited;C=Deposited"),
    "CashRfnd": _type("cashrefund", "CASHRFND", "Cash Refund"),
    "Deposit": _type("deposit", "DEP", "Deposit"),
    "Journal": _type("journalentry", "GENJRNL", "Journal Entry", "A=Pending Approval;B=Approved for Posting"),
    "VendBill": _type("vendorbill", "BILL", "Vendor Bill", "A=Open;B=Paid In Full;D=Pending Approval"),
    "VendCred": _type("vendorcredit", "BILLCRED", "Vendor Credit"),
    "VendPymt": _type("vendorpayment", "BILLPMT", "Vendor Payment"),
    "Check": _type("check", "CHK", "Check"),
    "SalesOrd": _type(
        "salesorder", "SALESORD", "Sales Order", "A=Pending Approval;B=Pending Fulfillment;G=Billed", posting=False
    ),
}


def _transaction(record: Record, key: str) -> Record:
    kind = TYPES.get(str(record.get("type")))
    if kind is None:
        raise ValueError(f"Transaction {key} has no type NetSuite knows: {record.get('type')!r}.")
    number = record.get("tranid", key)
    return {
        "recordtype": kind.record_type,
        "abbrevtype": kind.short,
        "tranid": number,
        "transactionnumber": f"{kind.short}{key}",
        "trandisplayname": f"{kind.title} #{number}",
        "posting": kind.posting,
        "status": "A",
        "exchangerate": 1,
        "voided": "F",
        "void": "F",
        "isreversal": "F",
    }


def _line(record: Record, key: str) -> Record:
    flags = dict.fromkeys(("taxline", "iscogs", "isclosed", "transactiondiscount", "eliminate"), "F")
    return {
        "mainline": "T" if str(record["id"]) == "0" else "F",
        "linesequencenumber": record["id"],
        "uniquekey": int(key.replace("-", "")),
        **flags,
    }


def _accounting_line(record: Record, _key: str) -> Record:
    debit, credit = record.get("debit"), record.get("credit")
    amount: Any = record.get("amount")
    if amount is None and (debit is not None or credit is not None):
        amount = Decimal(debit or 0) - Decimal(credit or 0)
    return {"amount": amount, "netamount": amount, "posting": "T", "exchangerate": 1}


def _customer(record: Record, key: str) -> Record:
    name = record.get("companyname") or f"Customer {key}"
    flags = {"isinactive": "F", "isperson": "F", "oncredithold": "F", "creditholdoverride": "AUTO"}
    return {"entityid": name, "altname": name, "searchstage": "Customer", **flags}


def _named(record: Record, key: str) -> Record:
    name = record.get("name") or record.get("itemid") or record.get("accountsearchdisplayname") or key
    return {"fullname": name, "isinactive": "F"}


def _currency(_record: Record, _key: str) -> Record:
    return {"currencyprecision": 2, "isbasecurrency": "F", "isinactive": "F"}


def _period(_record: Record, _key: str) -> Record:
    flags = "closed alllocked arlocked aplocked allownonglchanges isadjust isquarter isyear isinactive".split()
    return {**dict.fromkeys(flags, "F"), "isposting": "T"}


def _link(_record: Record, _key: str) -> Record:
    return {"previousline": 0, "nextline": 0, "linktype": "Payment"}


def _relationship(_record: Record, _key: str) -> Record:
    return {"isprimarysub": "F", "isinactive": "F"}


_FILL: dict[str, Callable[[Record, str], Record]] = {
    "transaction": _transaction,
    "transactionline": _line,
    "transactionaccountingline": _accounting_line,
    "customer": _customer,
    "subsidiary": lambda record, key: {**_named(record, key), "iselimination": "F"},
    "account": _named,
    "item": _named,
    "currency": _currency,
    "term": lambda _record, _key: {"isinactive": "F"},
    "accountingperiod": _period,
    "customersubsidiaryrelationship": _relationship,
    "nexttransactionlinelink": _link,
}

KEY_DEFAULTS: dict[str, Record] = {
    "transactionaccountingline": {"accountingbook": 1},
    "nexttransactionlinelink": {"previousline": 0, "nextline": 0, "linktype": "Payment"},
}
"""Parts of a key that NetSuite fills in: the primary accounting book, the main line, the link of a payment."""

CREATED = {"transaction": "createddate", "customer": "datecreated", "transactionline": "linecreateddate"}
CREATED |= {"item": "createddate"}


def complete(stream: str, record: Record, key: str) -> Record:
    """The record with what NetSuite adds to it when it is new; given values stay, `None` included.

    Raises:
        ValueError: a transaction of a type NetSuite does not have.
    """
    fill = _FILL.get(stream)
    return record if fill is None else {**fill(record, key), **record}
