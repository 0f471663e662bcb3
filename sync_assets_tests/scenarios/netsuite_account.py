"""A small simulated NetSuite account: 60 customers with an invoice each, in pages of 25 rows."""

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.netsuite import NetSuite

CUSTOMERS = 60
PAGE = 25


def account(clock: Clock, *, time_zone: str = "America/Los_Angeles") -> NetSuite:
    """An account of one German subsidiary, whose customers each have one open invoice of 119.00 EUR."""
    vendor = NetSuite(clock=clock, seed=1, time_zone=time_zone)
    vendor.quirks.page_rows_max = PAGE
    masters(vendor)
    for number in range(1, CUSTOMERS + 1):
        if number % 12 == 0:
            clock.advance(minutes=1)
        invoiced(vendor, number)
    clock.advance(minutes=1)
    return vendor


def masters(vendor: NetSuite) -> None:
    """What every document refers to."""
    vendor.put("currency", {"id": 1, "symbol": "EUR", "name": "Euro", "exchangerate": "1", "isbasecurrency": "T"})
    vendor.put("subsidiary", {"id": 1, "name": "Deutschland", "currency": 1, "country": "DE"})
    vendor.put("account", {"id": 10, "acctnumber": "1200", "accttype": "AcctRec"})
    vendor.put("account", {"id": 11, "acctnumber": "4000", "accttype": "Income"})
    period = {"id": 5, "periodname": "May 2026", "startdate": "2026-05-01", "enddate": "2026-05-31"}
    vendor.put("accountingperiod", period)
    vendor.put("item", {"id": 7, "itemid": "PLAN", "itemtype": "Service"})
    vendor.put("term", {"id": 3, "name": "Net 30", "daysuntilnetdue": 30})


def invoiced(vendor: NetSuite, number: int) -> None:
    """A customer, its invoice of 100.00 plus 19.00 tax, and what both mean in the ledger."""
    vendor.put("customer", {"id": number, "companyname": f"Zürich Works {number}", "currency": 1, "subsidiary": 1})
    document = 1000 + number
    header = {"id": document, "type": "CustInvc", "tranid": f"INV{number}", "entity": number, "postingperiod": 5}
    vendor.put("transaction", {**header, "currency": 1, "foreigntotal": "119.00", "trandate": "2026-05-04"})
    for line, (ledger_account, amount) in enumerate([(10, "119.00"), (11, "-119.00")]):
        owner = {"transaction": document, "id": line, "subsidiary": 1}
        vendor.put("transactionline", {**owner, "foreignamount": amount, "item": 7 if line else None})
        entry = {"transaction": document, "transactionline": line, "account": ledger_account}
        side = {"credit": amount.lstrip("-")} if line else {"debit": amount}
        vendor.put("transactionaccountingline", {**entry, **side})
