"""The ERP's documents about customers: invoices, credit memos, payments, refunds, and how they settle each other."""

from decimal import Decimal

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.deferral import defer
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.nouns import CreditNote, Customer, Document, Invoice, Line, Payment, Refund
from sync_assets.sandbox.company.rates import exchange_rate, in_base, major


def post_invoice(company: Company, invoice: Invoice, *, is_booked: bool = True) -> None:
    """Book an invoice: receivable against revenue or deferred revenue and tax; unbooked it has no accounting lines."""
    customer = invoice.customer
    posting = Posting(
        kind="CustInvc",
        entity=customer.booked_by,
        currency=customer.currency,
        on=invoice.on,
        rate=invoice.rate,
        customer=customer,
        number=invoice.id,
        external_id=f"chargebee_invoice_{invoice.id}",
        entries=[Entry(account=ACCOUNTS["receivable"], minor=invoice.total_minor), *_revenue(invoice, sign=-1)],
        is_booked=is_booked,
        extra={"duedate": day_of(invoice.due_at, customer.booked_by.zone)} if invoice.due_at else {},
    )
    invoice.erp_id = post(company, posting)
    _show_open(company, invoice)
    if is_booked:
        defer(company, invoice, rate=invoice.rate)


def post_credit(company: Company, note: CreditNote) -> None:
    """Book a credit note, applied to its invoice when it adjusts it."""
    customer = note.customer
    posting = Posting(
        kind="CustCred",
        entity=customer.booked_by,
        currency=customer.currency,
        on=note.on,
        rate=note.invoice.rate,
        customer=customer,
        number=note.id,
        external_id=f"chargebee_credit_note_{note.id}",
        entries=[Entry(account=ACCOUNTS["receivable"], minor=-note.total_minor), *_revenue(note, sign=1)],
    )
    note.erp_id = post(company, posting)
    defer(company, note, rate=note.invoice.rate, sign=-1)
    _show_used(company, note, 0)
    if note.kind == "adjustment":
        apply_in_erp(company, note, note.invoice, note.total_minor)


def apply_in_erp(company: Company, note: CreditNote, invoice: Invoice, amount: int) -> None:
    """Let a credit memo settle part of an invoice."""
    if not (note.erp_id and invoice.erp_id):
        return
    invoice.erp_applied.append(amount)
    _link(company, (invoice.erp_id, "CustInvc"), (note.erp_id, "CustCred"), amount, note.customer.currency)
    _show_open(company, invoice)
    _show_used(company, note, amount)


def post_payment(
    company: Company,
    payment: Payment,
    *,
    payer: Customer | None = None,
    is_applied: bool = True,
    is_gain_booked: bool = True,
) -> None:
    """Book a payment: clearing (card) or bank (transfer) against the receivable of its invoice.

    It stands with the invoice's customer unless another one pays, and settles the invoice unless it is left unapplied.
    What the rates of the two days make is a gain or loss; not booked, it stays on the receivable.
    """
    invoice, customer = payment.invoice, payer or payment.invoice.customer
    on = day_of(payment.paid_at, customer.booked_by.zone)
    today = exchange_rate(customer.currency, customer.booked_by.currency, on)
    received = in_base(payment.amount_minor, customer.currency, customer.booked_by.currency, today)
    rate = invoice.rate if is_gain_booked else today
    settled = in_base(payment.amount_minor, customer.currency, customer.booked_by.currency, rate)
    account = ACCOUNTS["clearing" if payment.charge_id else f"bank_{customer.currency}"]
    posting = Posting(
        kind="CustPymt",
        entity=customer.booked_by,
        currency=customer.currency,
        on=on,
        rate=today,
        customer=customer,
        number=f"P{company.number('erp_payment'):06d}",
        external_id=f"chargebee_transaction_{payment.id}",
        entries=[
            Entry(account=account, minor=payment.amount_minor, base=received),
            Entry(account=ACCOUNTS["receivable"], minor=-payment.amount_minor, base=-settled),
        ],
    )
    payment.erp_id = post(company, posting)
    if payment.movement is not None:
        payment.movement.booked_base = received
    used = min(payment.applied_minor, open_in_erp(invoice)) if invoice.erp_id and is_applied else 0
    if used:
        invoice.erp_applied.append(used)
        _link(company, (invoice.erp_id, "CustInvc"), (payment.erp_id, "CustPymt"), used, customer.currency)
        _show_open(company, invoice)
    status = {"id": payment.erp_id, "status": "B" if payment.charge_id else "C"}
    company.systems.erp.put("transaction", {**status, **_used(used, payment.amount_minor, customer.currency)})


def post_refund(company: Company, refund: Refund) -> None:
    """Book a refund of a credit memo: receivable against clearing."""
    note, customer, amount = refund.note, refund.note.customer, refund.amount_minor
    posting = Posting(
        kind="CustRfnd",
        entity=customer.booked_by,
        currency=customer.currency,
        on=day_of(company.now, customer.booked_by.zone),
        rate=note.invoice.rate,
        customer=customer,
        number=f"R{company.number('erp_refund'):06d}",
        external_id=f"chargebee_transaction_{refund.id}",
        entries=[
            Entry(account=ACCOUNTS["clearing"], minor=-amount),
            Entry(account=ACCOUNTS["receivable"], minor=amount),
        ],
    )
    refund.erp_id = post(company, posting)
    company.systems.erp.put("transaction", {"id": refund.erp_id, "status": "B"})
    _link(company, (note.erp_id, "CustCred"), (refund.erp_id, "CustRfnd"), amount, customer.currency)
    _show_used(company, note, amount)


def void_posting(company: Company, invoice: Invoice) -> None:
    """Void an invoice in the ERP: the document stays, every amount becomes zero."""
    if not invoice.erp_id:
        return
    erp = company.systems.erp
    defer(company, invoice, rate=invoice.rate, sign=-1)
    gone = {"voided": "T", "void": "T", "status": "V", "foreigntotal": 0, "foreignamountunpaid": 0, "memo": "VOID"}
    erp.put("transaction", {"id": invoice.erp_id, **gone})
    amounts = {"debit": None, "credit": None, "amount": 0, "netamount": 0}
    for number in range(1 + len(_revenue(invoice, sign=-1))):
        line = {"transaction": invoice.erp_id, "id": number}
        erp.put("transactionline", {**line, "foreignamount": 0, "netamount": 0, "memo": "VOID"})
        line = {"transaction": invoice.erp_id, "transactionline": number, "accountingbook": 1}
        erp.put("transactionaccountingline", {**line, **amounts})


def write_off_in_erp(company: Company, invoice: Invoice, amount: int) -> None:
    """Give up part of an invoice in the books: a loss against its receivable."""
    customer = invoice.customer
    posting = Posting(
        kind="Journal",
        entity=customer.entity,
        currency=customer.currency,
        on=day_of(company.now, customer.entity.zone),
        rate=invoice.rate,
        customer=customer,
        number=f"JE{company.number('journal'):06d}",
        memo=f"Bad debt: invoice {invoice.id}",
        entries=[
            Entry(account=ACCOUNTS["losses"], minor=amount),
            Entry(account=ACCOUNTS["receivable"], minor=-amount),
        ],
        extra={"status": "B"},
    )
    journal_id = post(company, posting)
    invoice.erp_applied.append(amount)
    _link(company, (invoice.erp_id, "CustInvc"), (journal_id, "Journal"), amount, customer.currency)
    _show_open(company, invoice)


def _revenue(document: Document, *, sign: int) -> list[Entry]:
    entries = [_revenue_entry(line, sign) for line in document.lines]
    if document.tax_minor:
        entries.append(Entry(account=ACCOUNTS["tax"], minor=sign * document.tax_minor, is_tax=True))
    return entries


def _revenue_entry(line: Line, sign: int) -> Entry:
    product = line.product
    account = "usage_income" if product.metered else "deferred" if product.months == 12 else "income"
    return Entry(
        account=ACCOUNTS[account],
        minor=sign * line.net_minor,
        item=product.erp_item,
        quantity=sign * line.quantity,
        unit_minor=line.unit_minor,
        memo=product.name,
    )


def _show_open(company: Company, invoice: Invoice) -> None:
    if invoice.voided_at is not None:
        return
    currency = invoice.customer.currency
    still_open = open_in_erp(invoice)
    amounts = {"foreignamountpaid": major(sum(invoice.erp_applied), currency)}
    amounts["foreignamountunpaid"] = major(still_open, currency)
    status = "A" if still_open else "B"
    company.systems.erp.put("transaction", {"id": invoice.erp_id, "status": status, **amounts})


def open_in_erp(invoice: Invoice) -> int:
    """What the ERP still shows as open: what was applied there, not what billing knows."""
    return invoice.total_minor + invoice.erp_gap_minor - sum(invoice.erp_applied)


def _show_used(company: Company, note: CreditNote, amount: int) -> None:
    note.erp_used += amount
    booked = note.total_minor + note.erp_gap_minor
    status = "B" if note.erp_used == booked else "A"
    amounts = _used(note.erp_used, booked, note.customer.currency)
    company.systems.erp.put("transaction", {"id": note.erp_id, "status": status, **amounts})


def _used(used: int, total: int, currency: str) -> dict[str, Decimal]:
    return {
        "foreignpaymentamountused": major(used, currency),
        "foreignpaymentamountunused": major(total - used, currency),
    }


def _link(company: Company, previous: tuple[int, str], following: tuple[int, str], amount: int, currency: str) -> None:
    company.systems.erp.put(
        "nexttransactionlinelink",
        {
            "previousdoc": previous[0],
            "previousline": 0,
            "previoustype": previous[1],
            "nextdoc": following[0],
            "nextline": 1,
            "nexttype": following[1],
            "linktype": "Payment",
            "foreignamount": major(amount, currency),
        },
    )
