"""What is asked of each table: columns that real accounts have, as SuiteQL knows them.

Column names were checked against exports of real accounts and against queries that others run in production; what
hangs on a feature (OneWorld, Multi-Book, approvals) is optional. A header has no subsidiary: it is that of its main
line.
"""

from sync_assets.systems.netsuite.query import Table

_SUBSIDIARY = "LEFT JOIN subsidiary s ON s.id = {}.subsidiary"

_ONLY_BASE = (
    "LEFT JOIN (SELECT MIN(symbol) AS symbol FROM currency WHERE isbasecurrency = 'T' HAVING COUNT(*) = 1) b ON 1 = 1"
)
"""The base currency of an account that has one: without subsidiaries, all of its ledger is in it. Source: NetSuite
record catalog, `isbasecurrency` of currency."""

CUSTOMER = Table(
    source="customer cu",
    keys=("cu.id",),
    stamps=("cu.lastmodifieddate",),
    needed=("cu.id cu.externalid cu.entityid cu.companyname cu.email cu.isinactive"),
    optional=(
        "cu.parent cu.terms cu.currency currencycode=c.symbol "
        "cu.altname cu.firstname cu.lastname cu.url cu.oncredithold cu.creditholdoverride "
        "cu.vatregnumber termdays=te.daysuntilnetdue termname=te.name "
        "country=a.country state=a.state addr1=a.addr1 city=a.city zip=a.zip "
        "subsidiary=r.subsidiary subsidiaryexternalid=s.externalid"
    ),
    joins={
        "c": "LEFT JOIN currency c ON c.id = cu.currency",
        "te": "LEFT JOIN term te ON te.id = cu.terms",
        "a": "LEFT JOIN entityaddress a ON a.nkey = cu.defaultbillingaddress",
        "r": "LEFT JOIN customersubsidiaryrelationship r ON r.entity = cu.id AND r.isprimarysub = 'T'",
        "s": _SUBSIDIARY.format("r"),
    },
    deleted_as=frozenset({"customer", "custjob", "lead", "prospect"}),
    deleted_type="-2",
)

TRANSACTION = Table(
    source="transaction t",
    keys=("t.id",),
    stamps=("t.lastmodifieddate",),
    needed=(
        "t.id t.type t.tranid t.externalid t.status t.entity t.currency currencycode=c.symbol t.foreigntotal "
        "t.trandate:day t.posting"
    ),
    optional=(
        "t.postingperiod t.approvalstatus t.voided t.exchangerate t.foreignamountpaid t.foreignamountunpaid "
        "t.foreignpaymentamountused t.foreignpaymentamountunused t.duedate:day t.createddate:time "
        "t.memo createdfrom=m.createdfrom subsidiary=m.subsidiary subsidiaryexternalid=s.externalid"
    ),
    joins={
        "c": "LEFT JOIN currency c ON c.id = t.currency",
        "m": "LEFT JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'",
        "s": _SUBSIDIARY.format("m"),
    },
    deleted_as=frozenset(
        "transaction custinvc invoice custcred creditmemo custpymt customerpayment payment custrfnd customerrefund "
        "deposit journal journalentry custdep customerdeposit depappl depositapplication cashsale cashrfnd cashrefund "
        "salesord salesorder rtnauth returnauthorization estimate check vendbill vendorbill bill vendcred vendorcredit "
        "vendpymt vendorpayment exprept expensereport transfer fxreval sysjrnl pejrnl purchord purchaseorder "
        "intercompanyjournalentry advintercompanyjournalentry statisticaljournalentry itemship itemfulfillment "
        "itemrcpt itemreceipt custchrg charge revarrng revenuearrangement".split()
    ),
    deleted_type="-30",
)

TRANSACTION_LINE = Table(
    source="transactionline tl",
    keys=("tl.transaction", "tl.id"),
    stamps=("t.lastmodifieddate", "tl.linelastmodifieddate"),
    needed=(
        "tl.transaction tl.id type=t.type currencycode=c.symbol tl.mainline tl.taxline tl.item tl.quantity tl.rate "
        "tl.foreignamount tl.memo"
    ),
    optional=("tl.itemtype tl.expenseaccount tl.isrevrectransaction tl.subsidiary subsidiaryexternalid=s.externalid"),
    joins={
        "t": "JOIN transaction t ON t.id = tl.transaction",
        "c": "LEFT JOIN currency c ON c.id = t.currency",
        "s": _SUBSIDIARY.format("tl"),
    },
)

ACCOUNTING_LINE = Table(
    source="transactionaccountingline tal",
    keys=("tal.transaction", "tal.transactionline", "tal.accountingbook"),
    stamps=("t.lastmodifieddate", "tal.lastmodifieddate"),
    needed=(
        "tal.transaction tal.transactionline tal.accountingbook tal.account tal.debit tal.credit tal.amount "
        "tal.posting currencycode=c.symbol"
    ),
    optional="tal.exchangerate",
    instead={"c.symbol": "currencycode=b.symbol"},
    joins={
        "t": "JOIN transaction t ON t.id = tal.transaction",
        "tl": "LEFT JOIN transactionline tl ON tl.transaction = tal.transaction AND tl.id = tal.transactionline",
        "s": _SUBSIDIARY.format("tl"),
        "c": "LEFT JOIN currency c ON c.id = s.currency",
        "b": _ONLY_BASE,
    },
    bound="t.trandate",
)

SUBSIDIARY = Table(
    source="subsidiary s",
    keys=("s.id",),
    needed="s.id s.name s.externalid s.parent s.currency currencycode=c.symbol",
    optional="s.legalname s.country",
    joins={"c": "LEFT JOIN currency c ON c.id = s.currency"},
)

CURRENCY = Table(
    source="currency c",
    keys=("c.id",),
    needed="c.id c.name c.symbol",
    optional="c.exchangerate c.isbasecurrency",
)

ACCOUNTING_PERIOD = Table(
    source="accountingperiod p",
    keys=("p.id",),
    needed="p.id p.periodname p.startdate:day p.enddate:day p.closed",
    optional="p.alllocked p.arlocked p.isquarter p.isyear p.closedondate:day",
)

ACCOUNT = Table(
    source="account ac",
    keys=("ac.id",),
    needed="ac.id ac.accttype ac.fullname ac.isinactive",
    optional="ac.acctnumber currencycode=c.symbol",
    joins={"c": "LEFT JOIN currency c ON c.id = ac.currency"},
)

ITEM = Table(
    source="item i",
    keys=("i.id",),
    needed="i.id i.itemid i.itemtype i.isinactive",
    optional="i.displayname i.fullname i.incomeaccount i.deferralaccount",
)

TERM = Table(
    source="term te",
    keys=("te.id",),
    needed="te.id te.name",
    optional="te.daysuntilnetdue",
)

DELETED = Table(
    source="deletedrecord d",
    keys=("d.recordid",),
    needed="d.recordid d.deleteddate:time",
    optional="d.type d.recordtypeid",
)
"""The vendor's list of deletions; the role needs the "Deleted Records" permission (online help section_N3497592)."""
