"""Defects between billing and the ERP: invoices that never arrive, differ, outlive their void, or are not booked."""

from random import Random

from sync_assets.sandbox.company.agenda import Act
from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.happenings import replace_invoice
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.nouns import Customer, Invoice
from sync_assets.sandbox.company.postings import open_in_erp, post_invoice
from sync_assets.sandbox.company.rates import in_base, major
from sync_assets.sandbox.defects.registry import Window, calm_life, defect, once, record, tell


@defect("F50", "invoice", "FI MISSTATE at billing->erp in netsuite", symptoms="F80 F102")
def unequal(company: Company, rng: Random, window: Window) -> Customer:
    """Somebody edits the amount of an invoice in the ERP, or a void in billing never reaches it."""
    if rng.random() < 0.5:
        return _edited(company, rng, window)
    return _void_lost(company, rng, window)


def _edited(company: Company, rng: Random, window: Window) -> Customer:
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))
    percent = rng.choice((-20, -10, 5, 10))

    def edit_later(invoice: Invoice, proceed: Act) -> None:
        proceed()
        company.later(rng, (2400, 4 * 3600), lambda: edit(invoice))

    def edit(invoice: Invoice) -> None:
        gap = invoice.lines[0].net_minor * percent // 100
        _change_amount(company, invoice, gap)
        evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
        note = f"edited in the ERP from {invoice.total_minor} to {invoice.total_minor + gap}"
        tell(company, "F50", customer, evidence, money_minor=abs(gap), note=note)

    customer.deviations["erp.invoice"] = once(company, window.earliest, edit_later)
    return customer


def _void_lost(company: Company, rng: Random, window: Window) -> Customer:
    customer = begin(company, calm_life(company, rng, window, pays_by="transfer"))
    chosen: list[Invoice] = []
    delay_s = (1200, 3600) if window.is_today else (6 * 3600, 3 * 86_400)

    def void_later(invoice: Invoice, proceed: Act) -> None:
        proceed()
        chosen.append(invoice)
        company.later(rng, delay_s, lambda: _void(company, customer, invoice))

    def ignore(_invoice: Invoice, _proceed: Act) -> None:
        return

    customer.deviations["erp.invoice"] = once(company, window.earliest, void_later)
    customer.deviations["erp.void"] = once(company, window.earliest, ignore)
    return customer


def _void(company: Company, customer: Customer, invoice: Invoice) -> None:
    replace_invoice(company, invoice)
    evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
    tell(company, "F50", customer, evidence, money_minor=invoice.total_minor, note="voided in billing, open in the ERP")


@defect("F51", "invoice", "FI MISSTATE at billing->erp in netsuite", symptoms="F57 F60 F75")
def never_posted(company: Company, rng: Random, window: Window) -> Customer:
    """An invoice never arrives in the ERP."""
    by = rng.choice(("card", "transfer"))
    customer = begin(company, calm_life(company, rng, window, pays_by=by))

    def lose(invoice: Invoice, _proceed: Act) -> None:
        evidence = (record("chargebee", "invoices", invoice.id),)
        facts = {"money_minor": invoice.total_minor, "since": invoice.finalised_at}
        tell(company, "F51", customer, evidence, **facts, note="the posting failed, nobody repeated it")

    customer.deviations["erp.invoice"] = once(company, window.earliest, lose)
    return customer


@defect("F75", "invoice", "FI MISSTATE at erp->ledger in netsuite", symptoms="F80 F82")
def not_booked(company: Company, rng: Random, window: Window) -> Customer:
    """The ERP has the invoice and calls it posted, but its ledger has no lines for it."""
    customer = begin(company, calm_life(company, rng, window))

    def half_post(invoice: Invoice, _proceed: Act) -> None:
        post_invoice(company, invoice, is_booked=False)
        evidence = (record("chargebee", "invoices", invoice.id), record("netsuite", "transaction", invoice.erp_id))
        tell(company, "F75", customer, evidence, money_minor=invoice.total_minor, note="no accounting lines")

    customer.deviations["erp.invoice"] = once(company, window.earliest, half_post)
    return customer


def _change_amount(company: Company, invoice: Invoice, gap: int) -> None:
    """Edit the first revenue line and the total of a posted invoice; debit and credit stay equal."""
    customer, erp = invoice.customer, company.systems.erp
    currency, base = customer.currency, customer.entity.currency
    line, total = invoice.lines[0].net_minor + gap, invoice.total_minor + gap
    invoice.erp_gap_minor = gap
    header = {"id": invoice.erp_id, "foreigntotal": major(total, currency), "memo": "amount corrected"}
    erp.put("transaction", {**header, "foreignamountunpaid": major(open_in_erp(invoice), currency)})
    moved = in_base(gap, currency, base, invoice.rate)
    for number, minor, sign in ((0, total, 1), (1, line, -1)):
        held = erp.shelf.get("transactionline", f"{invoice.erp_id}-{number}") or {}
        net = held["netamount"] + sign * major(moved, base)
        key = {"transaction": invoice.erp_id, "id": number}
        erp.put("transactionline", {**key, "foreignamount": major(sign * minor, currency), "netamount": net})
        side = "debit" if number == 0 else "credit"
        key = {"transaction": invoice.erp_id, "transactionline": number, "accountingbook": 1}
        erp.put("transactionaccountingline", {**key, side: abs(net), "amount": net, "netamount": net})
