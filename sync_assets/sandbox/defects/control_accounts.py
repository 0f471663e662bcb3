"""Defects on accounts that a subledger controls: open items without a booking, journals written past the documents."""

from decimal import Decimal
from random import Random

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import day_of
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice, Payment
from sync_assets.sandbox.company.rates import exchange_rate, major
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F80", "customer", "FI MISSTATE at erp->ledger in netsuite", symptoms="F60 F63")
def open_without_booking(company: Company, rng: Random, window: Window) -> Customer:
    """Part of a payment's application is undone in the open items alone; the ledger keeps it as received."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((10, 25, 40))

    def undo_part(payment: Payment, proceed: Act) -> None:
        proceed()
        invoice = payment.invoice
        left = payment.amount_minor * percent // 100
        amounts = {"foreignamountunpaid": major(left, customer.currency)}
        amounts["foreignamountpaid"] = major(invoice.total_minor - left, customer.currency)
        company.systems.erp.put("transaction", {"id": invoice.erp_id, "status": "A", **amounts})
        evidence = (
            record("chargebee", "customers", customer.billing_id),
            record("netsuite", "customer", customer.erp_id),
            record("netsuite", "transaction", invoice.erp_id),
        )
        tell(company, "F80", customer, evidence, money_minor=left, note="open again, but not in the ledger")

    def is_applied(payment: Payment) -> bool:
        return bool(payment.invoice.erp_id)

    customer.deviations["erp.payment"] = once(company, window.earliest, undo_part, suits=is_applied)
    return customer


@defect("F95", "journal", "FI CONTROL at erp in netsuite", symptoms="F80")
def journal_by_hand(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody corrects revenue by a journal against the receivable, without naming the customer."""
    customer = begin(company, calm_life(company, rng, window))
    percent = rng.choice((5, 12, 30))
    account = ACCOUNTS[rng.choice(("receivable", "deferred"))]

    def correct_later(invoice: Invoice, proceed: Act) -> None:
        proceed()
        company.later(rng, (3600, 30 * 3600), lambda: correct(invoice))

    def correct(invoice: Invoice) -> None:
        amount = invoice.lines[0].net_minor * percent // 100
        entity, on = customer.entity, day_of(company.now, customer.entity.zone)
        rate: Decimal = exchange_rate(customer.currency, entity.currency, on)
        posting = Posting(
            kind="Journal",
            entity=entity,
            currency=customer.currency,
            on=on,
            rate=rate,
            entries=[Entry(account=ACCOUNTS["income"], minor=amount), Entry(account=account, minor=-amount)],
            number=f"JE{company.number('journal'):06d}",
            memo="Correction, see mail",
            extra={"status": "B"},
        )
        evidence = (record("netsuite", "transaction", post(company, posting)),)
        tell(company, "F95", customer, evidence, money_minor=amount, note=f"by hand on {account.name}")

    customer.deviations["erp.invoice"] = once(company, window.earliest, correct_later)
    return customer
