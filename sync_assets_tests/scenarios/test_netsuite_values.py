"""What NetSuite says, as copies: hand-written numbers through SuiteQL, HTTP, the store and the mappings."""

import pytest

from sync_assets.sandbox.clock import Clock
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene


def account(clock: Clock) -> NetSuite:
    """One Japanese customer of a Japanese subsidiary, with an invoice, a credit, a payment, a deposit and a journal."""
    vendor = NetSuite(clock=clock, seed=3)
    vendor.put("currency", {"id": 1, "symbol": "JPY", "name": "Yen", "exchangerate": "0.0061", "isbasecurrency": "F"})
    vendor.put("subsidiary", {"id": 2, "name": "JP", "externalid": "jp", "currency": 1, "country": "JP"})
    vendor.put("account", {"id": 10, "acctnumber": "1200", "accttype": "AcctRec", "currency": 1})
    month = {"id": 5, "periodname": "Apr 2026", "startdate": "2026-04-01", "enddate": "2026-04-30", "closed": "T"}
    vendor.put("accountingperiod", month)
    vendor.put("item", {"id": 7, "itemid": "SEAT", "displayname": "Seat", "itemtype": "Service", "isinactive": "T"})
    vendor.put("term", {"id": 3, "name": "Net 30", "daysuntilnetdue": 30})
    customer = {"id": 1, "companyname": "大阪商店", "externalid": "chargebee_customer_c1", "currency": 1, "terms": 3}
    vendor.put("customer", {**customer, "subsidiary": 2, "url": "http://www.shop.example/jp"})
    shared = {"entity": 1, "currency": 1, "postingperiod": 5, "exchangerate": "0.0061"}
    invoice = {"id": 100, "type": "CustInvc", "tranid": "INV-1", "externalid": "chargebee_invoice_INV-1", **shared}
    owed = {"foreigntotal": "15400", "foreignamountpaid": "10000", "foreignamountunpaid": "5400"}
    vendor.put("transaction", {**invoice, **owed, "trandate": "2026-04-01", "duedate": "2026-05-01"})
    lines = [("15400", None, None, None), ("-15000", 7, "-10", "1500"), ("-400", None, None, None)]
    for line, (amount, item, quantity, rate) in enumerate(lines):
        one = {"transaction": 100, "id": line, "foreignamount": amount, "item": item, "subsidiary": 2}
        vendor.put("transactionline", {**one, "quantity": quantity, "rate": rate, "taxline": "T" if line == 2 else "F"})
    entry = {"transaction": 100, "transactionline": 0, "account": 10, "debit": "15400", "exchangerate": "1"}
    vendor.put("transactionaccountingline", entry)
    credit = {
        "id": 101,
        "type": "CustCred",
        "externalid": "chargebee_credit_note_CN-1",
        "foreigntotal": "-400",
        **shared,
    }
    vendor.put("transaction", {**credit, "trandate": "2026-04-02", "foreignpaymentamountused": "400", "status": "B"})
    paid = {
        "id": 102,
        "type": "CustPymt",
        "externalid": "chargebee_transaction_txn1",
        "foreigntotal": "10000",
        **shared,
    }
    vendor.put("transaction", {**paid, "trandate": "2026-04-03", "status": "C"})
    banked = {"id": 103, "type": "Deposit", "externalid": "stripe_payout_po_1", "foreigntotal": "9640", **shared}
    vendor.put("transaction", {**banked, "trandate": "2026-04-06"})
    vendor.put("transaction", {"id": 104, "type": "Journal", "tranid": "JE1", "trandate": "2026-04-30", **shared})
    voided = {"id": 105, "type": "CustInvc", "tranid": "INV-2", "foreigntotal": "0", "voided": "T", "status": "V"}
    vendor.put("transaction", {**voided, **shared, "trandate": "2026-04-07"})
    clock.advance(minutes=1)
    return vendor


@pytest.fixture
def scene(play: Play) -> Scene:
    scene = play(account)
    scene.read()
    scene.conform()
    return scene


VALUES: dict[tuple[str, str], dict[str, str | None]] = {
    ("customer", "1"): {
        "copy_of": "billing:c1",
        "name": "大阪商店",
        "domain": "shop.example",
        "currency": "JPY",
        "payment_terms": "30",
        "legal_entity": "jp",
    },
    ("legal_entity", "2"): {"name": "JP", "copy_of": "jp", "currency": "JPY", "country": "JP"},
    ("period", "5"): {"starts_on": "2026-04-01", "ends_on": "2026-04-30", "is_closed": "True"},
    ("product", "7"): {"sku": "SEAT", "name": "Seat", "status": "archived"},
    # The yen has no minor unit: 15,400 less 10,000 leaves 5,400.
    ("invoice", "100"): {
        "copy_of": "billing:INV-1",
        "customer_id": "1",
        "currency": "JPY",
        "total_minor": "15400",
        "paid_minor": "10000",
        "due_minor": "5400",
        "status": "open",
        "issued_on": "2026-04-01",
        "due_on": "2026-05-01",
        "period_id": "5",
        "exchange_rate": "0.0061",
        "legal_entity": "jp",
        "is_posted": "True",
    },
    # Line 1 alone charges: 10 x 1,500 = 15,000, negative in the books.
    ("invoice_line", "100-1"): {"quantity": "10", "unit_price": "1500", "amount_minor": "15000", "product_id": "7"},
    ("document_line", "100-1"): {"amount_minor": "-15000", "is_main": "False"},
    ("posting", "100-0-1"): {"debit_minor": "15400", "amount_minor": "15400", "account_id": "10", "line_id": "100-0"},
    # 400 credited, all of it used
    ("credit_note", "101"): {
        "copy_of": "billing:CN-1",
        "total_minor": "400",
        "allocated_minor": "400",
        "status": "settled",
        "issued_on": "2026-04-02",
    },
    ("payment", "102"): {"copy_of": "billing:txn1", "amount_minor": "10000", "status": "succeeded"},
    ("payout", "103"): {"copy_of": "payments:po_1", "amount_minor": "9640", "arrival_on": "2026-04-06"},
    ("journal", "104"): {"number": "JE1", "kind": "Journal", "issued_on": "2026-04-30"},
    ("invoice", "105"): {"status": "void", "is_void": "True", "copy_of": "billing:INV-2", "total_minor": "0"},
}


def test_copies_have_the_values_that_were_typed_in(scene: Scene) -> None:
    copies = {named: scene.copy(*named) for named in VALUES}
    assert {named: {name: copies[named].get(name) for name in VALUES[named]} for named in VALUES} == VALUES


def test_the_main_line_and_the_tax_line_are_no_invoice_lines(scene: Scene) -> None:
    assert scene.rows("record_id", "canonical.invoice_line") == [("100-1",)]
