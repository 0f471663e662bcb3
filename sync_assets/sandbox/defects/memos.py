"""Defects of credit memos in the ERP: another amount, period, account or rate than the note's, or no booking at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import count
from random import Random
from typing import TypeAlias

from sync_assets.model.breaks import Record
from sync_assets.sandbox.company.accounts import ACCOUNTS
from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.catalogue import DE, JP
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import half_up, month_later
from sync_assets.sandbox.company.founding import period_id
from sync_assets.sandbox.company.happenings import last_paid, refund_part
from sync_assets.sandbox.company.lives import Life, begin
from sync_assets.sandbox.company.nouns import CreditNote, Customer, Line
from sync_assets.sandbox.company.postings import post_credit
from sync_assets.sandbox.company.rates import exchange_rate, in_base
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell

_Booking: TypeAlias = Callable[[CreditNote, Act], None]

_HUNDREDFOLD = Fraction(100)


def evidence_of(note: CreditNote) -> tuple[Record, ...]:
    """A credit note in billing and in the ERP."""
    return (record("chargebee", "credit_notes", note.id), record("netsuite", "transaction", note.erp_id))


def unbook(company: Company, erp_id: int) -> None:
    """Take away the accounting lines of a document that has just been written."""
    erp = company.systems.erp
    for number in count():
        line_id = f"{erp_id}-{number}-1"
        if erp.shelf.get("transactionaccountingline", line_id) is None:
            return
        erp.delete("transactionaccountingline", line_id)


def refunded_customer(company: Company, rng: Random, life: Life, window: Window, book: _Booking) -> Customer:
    """A customer who gets a part of a paid invoice back, whose credit memo the ERP books in a way of its own."""
    customer = begin(company, life)

    def give_back() -> None:
        if last_paid(customer) is None:
            company.agenda.at(company.now + timedelta(hours=8), give_back)
        else:
            refund_part(company, customer)

    customer.deviations["erp.credit"] = once(company, window.earliest, book)
    company.agenda.at(window.earliest + timedelta(hours=rng.randrange(20 * 24)), give_back)
    return customer


def _at_another_amount(company: Company, name: str, factor: Fraction) -> _Booking:
    """The credit memo has every amount of the note times a factor."""

    def book(note: CreditNote, _proceed: Act) -> None:
        other = replace(note, lines=[_times(line, factor) for line in note.lines])
        post_credit(company, other)
        note.erp_id, gap = other.erp_id, other.total_minor - note.total_minor
        note.erp_gap_minor = gap
        text = f"{other.total_minor} in the ERP instead of {note.total_minor}"
        tell(company, name, note.customer, evidence_of(note), money_minor=gap, note=text)

    return book


def _times(line: Line, factor: Fraction) -> Line:
    net, tax = (half_up(minor * factor) for minor in (line.net_minor, line.tax_minor))
    return replace(line, quantity=1, unit_minor=net, amount_minor=net, discount_minor=0, tax_minor=tax)


@defect("F50 of a credit memo", "credit_note", "FI MISSTATE at billing->erp in netsuite", symptoms="F57")
def memo_typed_wrong(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody types a credit note into the ERP, over more than it says."""
    factor = Fraction(rng.choice((105, 110, 150)), 100)
    book = _at_another_amount(company, "F50 of a credit memo", factor)
    return refunded_customer(company, rng, calm_life(company, rng, window), window, book)


@defect("F91 of a credit memo", "credit_note", "DE MISSTATE at billing->erp in netsuite", symptoms="F50 F57")
def memo_with_decimals(company: Company, rng: Random, window: Window) -> Customer:
    """A credit note in yen is posted as if its amounts were in hundredths and had to be scaled."""
    life = calm_life(company, rng, window, place=(JP, "JPY", "JP"))
    book = _at_another_amount(company, "F91 of a credit memo", _HUNDREDFOLD)
    return refunded_customer(company, rng, life, window, book)


@defect("F75 of a credit memo", "credit_note", "FI MISSTATE at erp->ledger in netsuite", symptoms="F80 F82")
def memo_not_booked(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP has the credit memo and calls it posted, but its ledger has no lines for it."""

    def half_post(note: CreditNote, proceed: Act) -> None:
        proceed()
        unbook(company, note.erp_id)
        facts = {"money_minor": note.total_minor, "note": "no accounting lines"}
        tell(company, "F75 of a credit memo", customer, evidence_of(note), **facts)

    customer = refunded_customer(company, rng, calm_life(company, rng, window), window, half_post)
    return customer


@defect("F81 of a credit memo", "credit_note", "FI MISSTATE at erp->ledger in netsuite")
def memo_in_wrong_period(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody moves a credit memo to the period after that of its day, although that one is open."""

    def shift(note: CreditNote, proceed: Act) -> None:
        proceed()
        period = period_id(month_later(note.on, 1))
        company.systems.erp.put("transaction", {"id": note.erp_id, "postingperiod": period})
        facts = {"money_minor": note.total_minor, "note": "one period late"}
        tell(company, "F81 of a credit memo", customer, evidence_of(note), **facts)

    customer = refunded_customer(company, rng, calm_life(company, rng, window), window, shift)
    return customer


@defect("F82 of a credit memo", "credit_note", "FI MISSTATE at erp->ledger in netsuite")
def memo_on_wrong_account(company: Company, rng: Random, window: Window) -> Customer:
    """A line of a credit memo goes to the account of something else."""
    account = ACCOUNTS[rng.choice(("usage_income", "exchange", "fees"))]

    def misplace(note: CreditNote, proceed: Act) -> None:
        proceed()
        line = {"transaction": note.erp_id, "transactionline": 1, "accountingbook": 1}
        company.systems.erp.put("transactionaccountingline", {**line, "account": account.id})
        facts = {"money_minor": note.lines[0].net_minor, "note": f"posted to {account.name}"}
        tell(company, "F82 of a credit memo", customer, evidence_of(note), **facts)

    customer = refunded_customer(company, rng, calm_life(company, rng, window), window, misplace)
    return customer


@defect("F90 of a credit memo", "credit_note", "FI MISSTATE at erp->ledger in netsuite")
def memo_at_stale_rate(company: Company, rng: Random, window: Window) -> Customer:
    """The rate of a credit memo is corrected on its header; the ledger keeps it at the rate of the month before."""
    life = calm_life(company, rng, window, place=(DE, "GBP", "GB"))

    def post_stale(note: CreditNote, _proceed: Act) -> None:
        base, due_rate = customer.entity.currency, note.invoice.rate
        rate = exchange_rate(customer.currency, base, month_later(note.invoice.on, -1))
        stale = replace(note, invoice=replace(note.invoice, rate=rate))
        post_credit(company, stale)
        note.erp_id = stale.erp_id
        company.systems.erp.put("transaction", {"id": note.erp_id, "exchangerate": due_rate})
        parts = [*(line.net_minor for line in note.lines), note.tax_minor]
        booked, due = (sum(in_base(part, customer.currency, base, each) for part in parts) for each in (rate, due_rate))
        facts = {"money_minor": abs(booked - due), "currency": base, "note": f"booked at {rate}, shown at {due_rate}"}
        tell(company, "F90 of a credit memo", customer, evidence_of(note), **facts)

    customer = refunded_customer(company, rng, life, window, post_stale)
    return customer
