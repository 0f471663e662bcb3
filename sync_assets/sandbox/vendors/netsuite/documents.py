"""The tables of documents: transactions, their lines, their ledger lines, the links between them, what was deleted.

Belongs here: names and kinds of columns, as data.
Source: the SuiteQL tables in the seeds of Fivetran's dbt_netsuite; CData's SuiteQL table reference and Tim Dietrich
(2021-03-29) for the link tables; Oracle online help, getDeleted, and public SuiteQL libraries for `deletedrecord`.
"""

from sync_assets.sandbox.vendors.netsuite.schema import table

TRANSACTION = table(
    "transaction",
    "id",
    "lastmodifieddate id",
    "trandate id",
    "externalid",
    "entity",
    "type",
    display="trandisplayname",
    integer="id entity currency postingperiod terms nexus createdby lastmodifiedby reversal employee",
    text=(
        "type recordtype abbrevtype tranid trandisplayname transactionnumber status externalid memo otherrefnum source"
        " email"
    ),
    decimal=(
        "exchangerate foreigntotal foreignamountpaid foreignamountunpaid foreignpaymentamountused"
        " foreignpaymentamountunused estgrossprofit taxtotal"
    ),
    boolean="posting voided void isreversal reversaldefer",
    day="trandate duedate closedate reversaldate startdate enddate",
    moment="createddate lastmodifieddate",
)

LINE = table(
    "transactionline",
    "transaction id",
    "linelastmodifieddate transaction id",
    "createdfrom",
    "item",
    integer=(
        "transaction id linesequencenumber uniquekey entity subsidiary item department class location createdfrom"
        " createdpo expenseaccount price revenueelement taxcode category billingschedule amortizationsched"
        " inventoryreportinglocation kitmemberof commitinventory orderpriority shipmethod landedcostcategory"
        " transferorderitemlineid"
    ),
    text=(
        "itemtype itemsource memo transactionlinetype accountinglinetype documentnumber units paymentmethod rateformat"
        " chargetype costestimatetype billvariancestatus requestnote operationdisplaytext"
    ),
    decimal=(
        "foreignamount netamount quantity rate rateamount ratepercent creditforeignamount debitforeignamount"
        " foreignamountpaid foreignamountunpaid foreignpaymentamountused foreignpaymentamountunused amountlinked"
        " fxamountlinked taxamount taxrate1 costestimate costestimaterate estgrossprofit estgrossprofitpercent"
        " estimatedamount bomquantity buildvariance componentyield amortizationresidual quantitybilled"
        " quantitybackordered quantitycommitted quantitypacked quantitypicked quantityrejected quantityshiprecv"
    ),
    boolean=(
        "mainline taxline iscogs isclosed isbillable isrevrectransaction transactiondiscount eliminate"
        " assemblycomponent blandedcost cleared commitmentfirm oldcommitmentfirm donotdisplayline dropship fulfillable"
        " hasfulfillableitems isfullyshipped isfxvariance isinventoryaffecting isscrap kitcomponent landedcostperline"
        " matchbilltoreceipt"
        " processedbyrevcommit specialorder vsoeisestimate"
    ),
    day=(
        "amortizstartdate amortizationenddate closedate actualshipdate billeddate cleareddate expectedreceiptdate"
        " expectedshipdate"
    ),
    moment="linecreateddate linelastmodifieddate",
)

ACCOUNTING_LINE = table(
    "transactionaccountingline",
    "transaction transactionline accountingbook",
    "lastmodifieddate transaction transactionline accountingbook",
    "account",
    integer="transaction transactionline accountingbook account overheadparentitem",
    decimal=(
        "amount debit credit netamount exchangerate amountpaid amountunpaid paymentamountused paymentamountunused"
        " amountlinked"
    ),
    boolean="posting processedbyrevcommit",
    moment="lastmodifieddate",
)

LINK = table(
    "nexttransactionlinelink",
    "previousdoc previousline nextdoc nextline linktype",
    "nextdoc nextline",
    "lastmodifieddate",
    integer="previousdoc previousline nextdoc nextline",
    text="previoustype nexttype linktype",
    decimal="foreignamount",
    day="previousdate nextdate",
    moment="lastmodifieddate",
)

DELETED = table(
    "deletedrecord",
    "recordtypeid recordid",
    "deleteddate recordid",
    integer="recordtypeid recordid deletedby",
    text="type name context scriptid",
    boolean="iscustomrecord iscustomlist iscustomtransaction",
    moment="deleteddate",
)

DOCUMENTS = (TRANSACTION, LINE, ACCOUNTING_LINE, LINK, DELETED)

MIRRORS = {"previoustransactionlinelink": "nexttransactionlinelink"}
"""Tables that show another table's rows: the two link tables differ in name only (Source: Tim Dietrich, 2021-03-29)."""
