"""Proof that the company's books agree: what every test of the company rests on, read from the systems themselves.

Belongs here: comparisons of the records the five systems hold, at any instant; what is younger than the business's own
delays is not asked for yet. Findings are sentences; none means consistent.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sync_assets.model.money import to_minor
from sync_assets.sandbox.company.catalogue import CURRENCIES
from sync_assets.sandbox.company.company import Systems, Writable
from sync_assets.sandbox.company.days import unix

SETTLED = timedelta(hours=3)
"""After so long every step of a change has reached every system."""

_CODES = {number: code for code, number in CURRENCIES.items()}


def rows(system: Writable, stream: str) -> Iterator[dict[str, Any]]:
    """The records of a stream as they stand."""
    return (version.record for version in system.shelf.current(stream))


def check_books(systems: Systems, now: datetime) -> list[str]:
    """Findings about documents and money: lines and totals, billing against ERP, debit against credit."""
    return [
        *_invoice_arithmetic(systems),
        *_ledger_balance(systems),
        *_documents(systems, now, ("invoices", "CustInvc", "chargebee_invoice_")),
        *_documents(systems, now, ("credit_notes", "CustCred", "chargebee_credit_note_")),
        *_open_items(systems, now),
        *_receivable(systems),
    ]


def _invoice_arithmetic(systems: Systems) -> Iterator[str]:
    for invoice in rows(systems.billing, "invoices"):
        lines = invoice["line_items"]
        discount = sum(each["amount"] for each in invoice.get("discounts", []))
        paid = sum(each["applied_amount"] for each in invoice["linked_payments"] if each["txn_status"] == "success")
        settled = sum(
            invoice[name] for name in ("amount_paid", "amount_adjusted", "credits_applied", "write_off_amount")
        )
        due = 0 if invoice["status"] == "voided" else invoice["total"] - settled
        sums = {
            "lines": (sum(line["amount"] for line in lines), invoice["sub_total"]),
            "line taxes": (sum(line["tax_amount"] for line in lines), invoice["tax"]),
            "total": (invoice["sub_total"] - discount + invoice["tax"], invoice["total"]),
            "payments": (paid, invoice["amount_paid"]),
            "due": (due, invoice["amount_due"]),
        }
        yield from (f"invoice {invoice['id']}: {name} {a} != {b}" for name, (a, b) in sums.items() if a != b)


def _ledger_balance(systems: Systems) -> Iterator[str]:
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    for line in rows(systems.erp, "transactionaccountingline"):
        found = sums[line["transaction"]]
        found[0] += line.get("debit") or 0
        found[1] += line.get("credit") or 0
    for line in rows(systems.erp, "transactionline"):
        sums[line["transaction"]][2] += line["foreignamount"]
    for transaction, (debit, credit, foreign) in sums.items():
        if debit != credit or foreign:
            yield f"transaction {transaction}: debit {debit}, credit {credit}, lines {foreign}"


def _documents(systems: Systems, now: datetime, kind: tuple[str, str, str]) -> Iterator[str]:
    stream, erp_type, prefix = kind
    # What names no document of billing was sold past it, and is the ERP's own.
    own = rows(systems.erp, "transaction")
    held = {row["externalid"]: row for row in own if row["type"] == erp_type and row["externalid"]}
    known = set()
    for document in rows(systems.billing, stream):
        external_id = prefix + document["id"]
        known.add(external_id)
        is_young = document.get("generated_at", 0) > unix(now - SETTLED)
        if document["total"] == 0 or document["status"] == "pending" or (is_young and external_id not in held):
            continue
        if external_id not in held:
            yield f"{stream} {document['id']}: not in the ERP"
        else:
            yield from _copy(document, held[external_id], now)
    yield from (f"{external_id}: in the ERP only" for external_id in held.keys() - known)


def _copy(document: dict[str, Any], copy: dict[str, Any], now: datetime) -> Iterator[str]:
    currency = document["currency_code"]
    if document["status"] == "voided":
        if copy["voided"] != "T" and document["voided_at"] < unix(now - SETTLED):
            yield f"invoice {document['id']}: voided in billing only"
        return
    total = abs(to_minor(copy["foreigntotal"], currency))
    if (total, _CODES[copy["currency"]]) != (document["total"], currency):
        yield f"{document['id']}: {document['total']} {currency} in billing, {total} in the ERP"


def _open_items(systems: Systems, now: datetime) -> Iterator[str]:
    held = {row["externalid"]: row for row in rows(systems.erp, "transaction") if row["type"] == "CustInvc"}
    for invoice in rows(systems.billing, "invoices"):
        copy = held.get(f"chargebee_invoice_{invoice['id']}")
        if copy is None or invoice["updated_at"] > unix(now - SETTLED) or invoice["status"] == "voided":
            continue
        open_minor = to_minor(copy["foreignamountunpaid"], invoice["currency_code"])
        if open_minor != invoice["amount_due"]:
            yield f"invoice {invoice['id']}: {invoice['amount_due']} due in billing, {open_minor} open in the ERP"


def _receivable(systems: Systems) -> Iterator[str]:
    receivable = {row["id"] for row in rows(systems.erp, "account") if row["accttype"] == "AcctRec"}
    lines = rows(systems.erp, "transactionaccountingline")
    on_account = {(row["transaction"], row["transactionline"]) for row in lines if row["account"] in receivable}
    headers = {row["id"]: row for row in rows(systems.erp, "transaction")}
    control: dict[str, Decimal] = defaultdict(Decimal)
    for line in rows(systems.erp, "transactionline"):
        if (line["transaction"], line["id"]) in on_account:
            control[_CODES[headers[line["transaction"]]["currency"]]] += line["foreignamount"]
    for row in headers.values():
        free = row.get("foreignpaymentamountunused") or Decimal(0)
        control[_CODES[row["currency"]]] -= (row.get("foreignamountunpaid") or Decimal(0)) - free
    yield from (
        f"receivables {code}: control and open items differ by {rest}" for code, rest in control.items() if rest
    )
