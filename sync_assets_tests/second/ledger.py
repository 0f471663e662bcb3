"""What the ERP books of it, as NetSuite does: documents with their ledger lines, and the monthly recognition."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sync_assets_tests.second.billing import Bill, month_after
from sync_assets_tests.second.catalogue import (
    BASE,
    CURRENCY_ID,
    DEFERRED,
    INCOME,
    PRODUCTS,
    RATE,
    RECEIVABLE,
    SUBSIDIARY_ID,
    TAX,
    based,
    major,
    period_id,
)  # fmt: skip
from sync_assets_tests.second.customer import Customer
from sync_assets_tests.second.town import Town


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One line of a document: an account, and an amount of the document's currency, debit positive."""

    account: int
    amount: Decimal
    fields: dict[str, Any]


def post(account: int, amount: Decimal, **fields: Any) -> Posting:
    """A line."""
    return Posting(account=account, amount=amount, fields=fields)


@dataclass(kw_only=True)
class Document:
    """One document of the ERP about to be saved."""

    town: Town
    kind: str
    at: datetime
    entity: str
    currency: str
    postings: list[Posting]
    customer: Customer | None = None
    fields: dict[str, Any]
    in_ledger: bool = True

    def save(self) -> int:
        """Write the header, its lines and its ledger lines; returns the document's id."""
        town, number = self.town, self.town.number("erp document", 90_001)
        entity = {"entity": self.customer.erp_id} if self.customer else {}
        town.at(self.at, "netsuite", "transaction", {
            "id": number, "type": self.kind, "trandate": self.at.date(), "currency": CURRENCY_ID[self.currency],
            "postingperiod": period_id(self.at.date()), "exchangerate": RATE[self.currency, BASE[self.entity]],
            "foreigntotal": abs(self.postings[0].amount), "posting": "T", **entity, **self.fields,
        })  # fmt: skip
        left = sum((based(p.amount, self.currency, self.entity) for p in self.postings), Decimal(0))
        for index, line in enumerate(self.postings):
            rounded = based(line.amount, self.currency, self.entity) - (left if index == 1 else 0)
            self._line(number, index, line, rounded)
        return number

    def _line(self, number: int, index: int, line: Posting, rounded: Decimal) -> None:
        town = self.town
        owner = {"entity": self.customer.erp_id} if self.customer else {}
        town.at(self.at, "netsuite", "transactionline", {
            "transaction": number, "id": index, "foreignamount": line.amount, "netamount": rounded,
            "subsidiary": SUBSIDIARY_ID[self.entity], "expenseaccount": line.account, **owner, **line.fields,
        })  # fmt: skip
        if self.in_ledger:
            side = {"debit": rounded} if rounded > 0 else {"credit": -rounded}
            town.at(self.at, "netsuite", "transactionaccountingline", {
                "transaction": number, "transactionline": index, "account": line.account, "amount": rounded, **side,
                "exchangerate": RATE[self.currency, BASE[self.entity]],
            })  # fmt: skip


def item_id(code: str) -> int:
    """The ERP's id of a code."""
    return 700 + list(PRODUCTS).index(code)


def income_lines(bill: Bill, *, sign: int) -> list[Posting]:
    """The lines of an invoice by item and its tax, as credits."""
    money, found = bill.customer.currency, []
    for line in bill.lines:
        net = major(line["amount"] - line["discount_amount"], money)
        item = item_id(line["entity_id"].rpartition("-")[0])
        found.append(post(DEFERRED, -net * sign, item=item, quantity=-line["quantity"] * sign, rate=None))
    if bill.tax:
        found.append(post(TAX, -major(bill.tax, money) * sign, taxline="T"))
    return found


def book(bill: Bill, *, after: timedelta = timedelta(minutes=25), **fields: Any) -> int:
    """The ERP's invoice over a billing invoice; returns its id."""
    customer = bill.customer
    in_ledger = fields.pop("in_ledger", True)
    total = fields.pop("total", bill.total)
    lines = income_lines(bill, sign=1)
    gap = major(total - bill.total, customer.currency)
    lines[0] = post(lines[0].account, lines[0].amount - gap, **lines[0].fields)
    document = Document(
        town=customer.town, kind="CustInvc", at=bill.issued + after, entity=customer.entity,
        currency=fields.pop("currency_code", customer.currency), customer=customer, in_ledger=in_ledger,
        postings=[post(RECEIVABLE, major(total, customer.currency)), *lines],
        fields={
            "tranid": bill.number, "externalid": f"chargebee_invoice_{bill.number}", "terms": 2,
            "duedate": bill.issued.date() + timedelta(days=14), "memo": None,
            "foreignamountunpaid": major(total, customer.currency), **fields,
        },
    )  # fmt: skip
    number = document.save()
    if in_ledger:
        recognise(bill)
    return number


def recognise(bill: Bill) -> None:
    """Deferred revenue becomes income at each month's end: by days of service, the last month takes what is left."""
    customer, money = bill.customer, bill.customer.currency
    for line in bill.lines:
        starts, ends = (datetime.fromtimestamp(line[name], UTC).date() for name in ("date_from", "date_to"))
        net, done = major(line["amount"] - line["discount_amount"], money), Decimal(0)
        month = starts.replace(day=1)
        while month < ends and net:
            until = min(month_after(month, 1), ends)
            share = (net * (until - starts).days / (ends - starts).days).quantize(major(1, money), ROUND_HALF_UP)
            last = month_after(month, 1) - timedelta(days=1)
            if share != done:
                _recognise(customer, last, share - done, line["description"])
            done, month = share, month_after(month, 1)


def _recognise(customer: Customer, day: date, amount: Decimal, memo: str) -> None:
    noon = datetime.fromisoformat(f"{day}T20:00:00+00:00")
    owner = {"entity": customer.erp_id, "isrevrectransaction": "T"}
    Document(
        town=customer.town, kind="Journal", at=noon, entity=customer.entity, currency=customer.currency,
        postings=[post(DEFERRED, amount, **owner), post(INCOME, -amount, **owner)],
        fields={"status": "B", "memo": f"Revenue {memo}", "foreigntotal": None},
    ).save()  # fmt: skip


def apply(town: Town, at: datetime, invoice: int, document: int, amount: Decimal) -> None:
    """Settle an invoice with a payment or memo."""
    town.at(at, "netsuite", "nexttransactionlinelink", {
        "previousdoc": invoice, "nextdoc": document, "linktype": "Payment", "foreignamount": amount,
    })  # fmt: skip


def settle(town: Town, at: datetime, invoice: int, *, paid: Decimal, total: Decimal) -> None:
    """What the invoice says of itself once it is settled in part or whole."""
    status = "B" if paid >= total else "A"
    town.at(at, "netsuite", "transaction", {
        "id": invoice, "status": status, "foreignamountpaid": paid, "foreignamountunpaid": total - paid,
        **({"closedate": at.date()} if status == "B" else {}),
    })  # fmt: skip
