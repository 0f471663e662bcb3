"""Which fields of NetSuite's tables become which entities. Declared here; what they mean is in canonical*.py.

Loads no pandas: every mapping is named, and imported when it is first used.
"""

from sync_assets.connect.declare import columns
from sync_assets.connect.spec import Column, Mapped, later

HERE = "sync_assets.systems.netsuite"

_TRANSACTION = columns(
    "type! number=tranid external_id=externalid status customer_id=entity currency=currencycode "
    "total=foreigntotal:decimal paid=foreignamountpaid:decimal due=foreignamountunpaid:decimal "
    "used=foreignpaymentamountused:decimal unused=foreignpaymentamountunused:decimal "
    "exchange_rate=exchangerate:decimal issued=trandate falls_due=duedate created_at=createddate:wall "
    "period_id=postingperiod posting:flag approval=approvalstatus voided:flag created_from=createdfrom "
    "subsidiary_id=subsidiary subsidiary_external_id=subsidiaryexternalid memo"
)

_LINE = columns(
    "document_id=transaction! type is_main=mainline:flag tax=taxline:flag item_id=item "
    "account_id=expenseaccount quantity:decimal unit_price=rate:decimal amount=foreignamount:decimal "
    "currency=currencycode kind=itemtype subsidiary_id=subsidiary subsidiary_external_id=subsidiaryexternalid "
    "recognition=isrevrectransaction:flag memo"
)


def _mapped(entity: str, module: str, declared: tuple[Column, ...]) -> Mapped:
    """The columns of an entity, and `to_<entity>` of a module, which makes it of them."""
    return Mapped(entity=entity, columns=declared, to=later(f"{HERE}.{module}", f"to_{entity}"))


CUSTOMER = _mapped(
    "customer",
    "canonical",
    columns(
        "external_id=externalid company=companyname first=firstname last=lastname alternative=altname "
        "code=entityid email url country region=state street=addr1 city postcode=zip currency=currencycode "
        "parent_id=parent "
        "tax_number=vatregnumber inactive=isinactive:flag on_hold=oncredithold:flag "
        "hold_override=creditholdoverride term_days=termdays term_name=termname subsidiary_id=subsidiary "
        "subsidiary_external_id=subsidiaryexternalid"
    ),
)
SUBSIDIARY = _mapped(
    "legal_entity",
    "canonical",
    columns("name legal_name=legalname external_id=externalid parent_id=parent country currency=currencycode"),
)
CURRENCY = _mapped(
    "currency",
    "canonical",
    columns("code=symbol name exchange_rate=exchangerate:decimal is_base=isbasecurrency:flag"),
)
PERIOD = _mapped(
    "period",
    "canonical",
    columns(
        "name=periodname starts=startdate ends=enddate closed_day=closedondate is_closed=closed:flag "
        "locked=alllocked:flag receivables_locked=arlocked:flag is_quarter=isquarter:flag is_year=isyear:flag"
    ),
)
ACCOUNT = _mapped(
    "ledger_account",
    "canonical",
    columns("number=acctnumber name=fullname kind=accttype currency=currencycode is_inactive=isinactive:flag"),
)
ITEM = _mapped(
    "product",
    "canonical",
    columns(
        "code=itemid display=displayname full=fullname inactive=isinactive:flag "
        "income_account_id=incomeaccount deferral_account_id=deferralaccount"
    ),
)
TERM = _mapped("term", "canonical", columns("name days=daysuntilnetdue:integer"))

DOCUMENTS = tuple(
    _mapped(entity, "canonical_documents", _TRANSACTION)
    for entity in ("invoice", "credit_note", "payment", "refund", "payout", "journal")
)

LINES = tuple(_mapped(entity, "canonical_lines", _LINE) for entity in ("document_line", "invoice_line"))

POSTING = _mapped(
    "posting",
    "canonical_lines",
    columns(
        "document_id=transaction! line=transactionline! book=accountingbook! account_id=account debit:decimal "
        "credit:decimal amount:decimal exchange_rate=exchangerate:decimal is_posting=posting:flag "
        "currency=currencycode"
    ),
)
