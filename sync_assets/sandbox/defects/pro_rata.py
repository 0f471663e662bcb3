"""Defects of shares of a term: seats added in mid-term are charged by another count of days than the rest."""

from fractions import Fraction
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import half_up
from sync_assets.sandbox.company.happenings import expand
from sync_assets.sandbox.company.invoicing import taxed
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell
from sync_assets.sandbox.defects.twins import Oddity, twins
from sync_assets.sandbox.defects.twins_documents import invoice_that


def is_of_a_change(invoice: Invoice) -> bool:
    """Whether it is for something that was added in the middle of a term."""
    return not invoice.is_first and invoice.dated_at > invoice.subscription.term_start


@defect("F47", "invoice", "RO LEAK at billing in chargebee", symptoms="F88")
def counted_in_thirtieths(company: Company, rng: Random, window: Window) -> Customer:
    """The rest of a term is charged by started days of a month of thirty (or a year of 360), not by its own length."""
    customer = begin(company, calm_life(company, rng, window, annual=rng.random() < 0.3))

    def miscount(invoice: Invoice, proceed: Act) -> None:
        line, subscription = invoice.lines[0], invoice.subscription
        right = line.amount_minor
        days = (line.ends_at - line.starts_at).days + 1
        item = next(each for each in subscription.items if each.product is line.product)
        whole = line.quantity * item.unit_minor
        wrong = half_up(whole * Fraction(days, 30 * subscription.months))
        line.amount_minor = wrong if abs(wrong - right) > 1 else right - half_up(Fraction(right, 10))
        line.unit_minor = half_up(Fraction(line.amount_minor, line.quantity))
        taxed(line, subscription)
        proceed()
        gap = right - line.amount_minor
        evidence = (
            record("chargebee", "invoices", invoice.id),
            record("chargebee", "subscriptions", subscription.id),
        )
        facts = {"money_minor": abs(gap), "kind": "LEAK" if gap > 0 else "OVER"}
        tell(company, "F47", customer, evidence, **facts, note=f"{line.amount_minor} charged, {right} is the share")

    customer.deviations["billing.invoice"] = once(company, window.earliest, miscount, suits=is_of_a_change)
    added = rng.randint(2, 9)
    company.agenda.at(window.draw(rng), lambda: expand(added)(company, customer))
    return customer


_TWICE = (2, 5)
"""Seats of the two changes; nobody begins with so few."""


def add_twice(company: Company, customer: Customer) -> None:
    """Seats are added two times, minutes apart."""
    for added in _TWICE:
        expand(added)(company, customer)


twins(
    {
        "share_of_a_year": Oddity(
            note="seats are added in the middle of a year and charged for what is left of it",
            pick=invoice_that(is_of_a_change),
            wishes={"annual": True},
            happening=expand(3),
        ),
        "two_changes_in_a_term": Oddity(
            note="seats are added twice in one term, each time charged for its own rest",
            pick=invoice_that(lambda invoice: invoice.lines[0].quantity in _TWICE),
            wishes={"discount_percent": 20},
            happening=add_twice,
        ),
    }
)
