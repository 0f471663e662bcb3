"""Defects of what invoices cover: a term that nobody invoiced, a term that is invoiced from a later day on."""

from datetime import timedelta
from fractions import Fraction
from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.days import half_up, unix
from sync_assets.sandbox.company.invoicing import taxed
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


def is_of_a_term(invoice: Invoice) -> bool:
    """Whether it is for a term that begins, and not the customer's first."""
    return not invoice.is_first and invoice.dated_at == invoice.subscription.term_start


@defect("F45", "subscription", "FI LEAK at billing in chargebee", symptoms="F48 F88")
def passed_over(company: Company, rng: Random, window: Window) -> Customer:
    """The bill run passes over a subscription whose term turned."""
    customer = begin(company, calm_life(company, rng, window))

    def pass_over(invoice: Invoice, _proceed: Act) -> None:
        subscription = invoice.subscription
        evidence = (record("chargebee", "subscriptions", subscription.id),)
        facts = {"money_minor": subscription.net_minor, "since": subscription.term_start}
        tell(company, "F45", customer, evidence, **facts, note=f"no invoice from {subscription.term_start:%Y-%m-%d}")

    customer.deviations["billing.invoice"] = once(company, window.earliest, pass_over, suits=is_of_a_term)
    return customer


@defect("F48", "subscription", "FI LEAK at billing in chargebee")
def days_left_out(company: Company, rng: Random, window: Window) -> Customer:
    """The invoice of a term begins days after the one before has ended, and bills the rest of the term alone."""
    customer = begin(company, calm_life(company, rng, window))
    days = rng.randint(2, 9)

    def leave_out(invoice: Invoice, proceed: Act) -> None:
        proceed()
        subscription = invoice.subscription
        begins, ends = subscription.term_start, subscription.term_end
        resumes = begins + timedelta(days=days)
        share = Fraction(unix(resumes) - unix(begins), unix(ends) - unix(begins))
        lost = half_up(subscription.net_minor * share)
        for line in invoice.lines:
            line.starts_at = resumes
            line.amount_minor -= half_up(line.amount_minor * share)
            line.unit_minor, line.quantity = line.amount_minor, 1
            taxed(line, subscription)
        evidence = (
            record("chargebee", "subscriptions", subscription.id),
            record("chargebee", "invoices", invoice.id),
        )
        note = f"{days} days from {begins:%Y-%m-%d} are on no invoice"
        tell(company, "F48", customer, evidence, money_minor=lost, since=begins, note=note)

    def renews(invoice: Invoice) -> bool:
        return invoice.dated_at > invoice.subscription.starts_at

    customer.deviations["billing.draw_up"] = once(company, window.earliest, leave_out, suits=renews)
    return customer
