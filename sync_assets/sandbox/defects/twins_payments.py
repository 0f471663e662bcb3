"""Twins of payments: money that looks missing, double, too much or another's, and is right."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.collecting import linked_payment, settle, transaction_record
from sync_assets.sandbox.company.company import Company, random_id
from sync_assets.sandbox.company.credits import credit
from sync_assets.sandbox.company.days import day_of, term_edge, unix
from sync_assets.sandbox.company.erp import Entry, Posting, post
from sync_assets.sandbox.company.happenings import active_subscription, last_open, last_paid
from sync_assets.sandbox.company.invoices import show
from sync_assets.sandbox.company.lives import begin, sell
from sync_assets.sandbox.company.nouns import Customer, Deal, DealLine, Payment
from sync_assets.sandbox.company.postings import post_payment
from sync_assets.sandbox.company.rates import exchange_rate, major
from sync_assets.sandbox.defects.registry import Window, calm_life, once, record
from sync_assets.sandbox.defects.twins import TWINS, Oddity, spare, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that, second_subscription


def _forgive(company: Company, customer: Customer) -> None:
    """The whole of the last paid invoice is credited, and pays the next one."""
    invoice = last_paid(customer)
    if invoice is not None and not invoice.issued_notes:
        credit(company, invoice, percent=100, kind="refundable", reason="Goodwill")


def _buy_the_same(company: Company, customer: Customer) -> None:
    """A second contract over the same, from the next turn of the first one's term: equal charges on equal days."""
    first = active_subscription(customer)
    if first is None or first.deal is None:
        return
    starts_at = term_edge(first.term_start, 1, customer.entity.zone)
    if starts_at < company.now + timedelta(days=3):
        starts_at = term_edge(starts_at, 1, customer.entity.zone)
    lines = [
        DealLine(product=line.product, quantity=line.quantity, unit_minor=line.net_minor) for line in first.deal.lines
    ]
    deal = Deal(customer=customer, lines=lines, starts_at=starts_at, kind="Existing Customer - New")
    sell(company, deal, opens_at=company.now + timedelta(hours=1), wins_at=starts_at - timedelta(hours=30))


def _overpay(company: Company, customer: Customer) -> None:
    """The next transfer brings more than is due; the rest is sent back two days later."""

    def pay_more(payment: Payment, proceed: Act) -> None:
        payment.unused_minor = payment.amount_minor // 10
        payment.amount_minor += payment.unused_minor
        proceed()
        company.later(customer.rng, (86_400, 2 * 86_400), lambda: _send_back(company, payment))

    customer.deviations["billing.receive"] = once(company, company.now, pay_more)


def _send_back(company: Company, payment: Payment) -> None:
    customer, billing = payment.invoice.customer, company.systems.billing
    own_id, now = random_id(customer.rng, "txn_", 16), unix(company.now)
    record = transaction_record(payment, "success")
    own = {"id": own_id, "type": "refund", "amount": payment.unused_minor, "amount_unused": 0, "date": now}
    billing.put("transactions", {**record, **own, "linked_invoices": [], "refunded_txn_id": payment.id})
    linked = {"txn_id": own_id, "txn_status": "success", "txn_date": now, "txn_amount": payment.unused_minor}
    refunds = [{"object": "linked_refund", **linked}]
    billing.put("transactions", {"id": payment.id, "amount_unused": 0, "linked_refunds": refunds})
    on = day_of(company.now, customer.entity.zone)
    posting = Posting(
        kind="CustRfnd",
        entity=customer.entity,
        currency=customer.currency,
        on=on,
        rate=exchange_rate(customer.currency, customer.entity.currency, on),
        customer=customer,
        number=f"R{company.number('erp_refund'):06d}",
        external_id=f"chargebee_transaction_{own_id}",
        entries=[
            Entry(account=ACCOUNTS[f"bank_{customer.currency}"], minor=-payment.unused_minor),
            Entry(account=ACCOUNTS["receivable"], minor=payment.unused_minor),
        ],
    )
    refund_id = post(company, posting)
    company.systems.erp.put("transaction", {"id": refund_id, "status": "B"})
    used = {"foreignpaymentamountused": major(payment.amount_minor, customer.currency), "foreignpaymentamountunused": 0}
    company.systems.erp.put("transaction", {"id": payment.erp_id, **used})


def _debit_late(company: Company, customer: Customer) -> None:
    """Three days before the look an open invoice is collected by debit, which takes five days."""

    def collect() -> None:
        invoice = last_open(customer)
        if invoice is None:
            company.agenda.at(company.now + timedelta(hours=4), collect)
            return
        payment = Payment(
            id=random_id(customer.rng, "txn_", 16),
            invoice=invoice,
            amount_minor=invoice.due_minor,
            paid_at=company.now,
            rate=invoice.rate,
        )
        asked = {**transaction_record(payment, "in_progress"), "payment_method": "direct_debit"}
        company.systems.billing.put("transactions", {**asked, "gateway": "gocardless"})
        invoice.linked_payments.append(linked_payment(payment, "in_progress", company.now))
        show(company, invoice)
        company.agenda.at(company.now + timedelta(days=5), lambda: arrive(payment))

    def arrive(payment: Payment) -> None:
        if payment.invoice.due_minor >= payment.amount_minor:
            payment.invoice.linked_payments.pop()
            settle(company, payment)

    company.agenda.at(company.today_at - timedelta(days=3), collect)


def _being_debited(customer: Customer) -> tuple[str, str, str] | None:
    found = (
        each["txn_id"]
        for invoice in customer.invoices
        for each in invoice.linked_payments
        if each["txn_status"] == "in_progress"
    )
    return next((("payment", "transactions", payment_id) for payment_id in found), None)


def _overpaid(customer: Customer) -> tuple[str, str, str] | None:
    found = (payment for invoice in customer.invoices for payment in invoice.payments if payment.unused_minor)
    return next((("payment", "transactions", payment.id) for payment in found), None)


twins(
    {
        "paid_by_credit_alone": Oddity(
            note="paid by credit alone; no money came, and none was due",
            pick=invoice_that(
                lambda invoice: invoice.status == "paid" and not invoice.payments and invoice.total_minor
            ),
            wishes={},
            happening=_forgive,
            ready=last_paid,
        ),
        "equal_charges": Oddity(
            note="two contracts over the same; two equal charges on one day",
            pick=second_subscription,
            wishes={},
            happening=_buy_the_same,
        ),
        "overpaid_and_returned": Oddity(
            note="a transfer brought too much, and the rest went back",
            pick=_overpaid,
            wishes={"pays_by": "transfer"},
            happening=_overpay,
        ),
        "debit_under_way": Oddity(
            note="a bank debit takes a week; until then nobody knows",
            pick=_being_debited,
            wishes={"pays_by": "transfer"},
            happening=_debit_late,
        ),
    }
)


def _family_pays(company: Company, rng: Random, window: Window) -> Customer:
    """A parent pays for its child: the ERP's payment stands with the parent."""
    life = calm_life(company, rng, window, pays_by="transfer")
    parent = begin(company, replace(life, starts_at=life.starts_at - timedelta(days=3)))
    child = begin(company, life, parent=parent)

    def book_to_parent(payment: Payment, _proceed: Act) -> None:
        post_payment(company, payment, payer=parent)
        seen = ("payment", record("chargebee", "transactions", payment.id))
        spare(company, "family_pays", child, seen, note="the parent pays for its child")

    child.deviations["erp.payment"] = once(company, window.earliest, book_to_parent)
    return child


TWINS["family_pays"] = _family_pays
