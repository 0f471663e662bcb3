"""Which tables and columns SuiteQL shows, what kind each column is, and what identifies a row.

Belongs here: names and kinds only, as data. No values, no SQL.
Source: the SuiteQL tables in the seeds of Fivetran's dbt_netsuite; CData's SuiteQL table reference for the link
tables; Oracle online help, getDeleted, and public SuiteQL libraries for `deletedrecord`.
"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property


class Kind(Enum):
    """What a column or an expression holds. Days and moments are both Oracle DATEs."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    BOOLEAN = "boolean"
    DAY = "day"
    MOMENT = "moment"

    @property
    def is_date(self) -> bool:
        """True for what Oracle calls a DATE."""
        return self in (Kind.DAY, Kind.MOMENT)

    @property
    def is_number(self) -> bool:
        """True for what Oracle calls a NUMBER."""
        return self in (Kind.INTEGER, Kind.DECIMAL)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One SuiteQL table: its row key, its columns in order, and the columns worth an index."""

    name: str
    key: tuple[str, ...]
    columns: dict[str, Kind]
    indexes: tuple[tuple[str, ...], ...] = ()
    display: str = ""

    @cached_property
    def stamp(self) -> str:
        """The column NetSuite writes at every change; empty when the table has none."""
        return next((name for name in ("lastmodifieddate", "linelastmodifieddate") if name in self.columns), "")


def _table(name: str, key: str, *indexes: str, display: str = "", **kinds: str) -> Table:
    columns = {column: Kind(kind) for kind, names in kinds.items() for column in names.split()}
    keys = tuple(key.split())
    wanted = tuple(tuple(index.split()) for index in indexes)
    return Table(name=name, key=keys, columns=columns, indexes=wanted, display=display)


_LINKS = {
    "integer": "previousdoc previousline nextdoc nextline",
    "text": "previoustype nexttype linktype",
    "decimal": "foreignamount",
    "day": "previousdate nextdate",
    "moment": "lastmodifieddate",
}

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _table(
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
                "type recordtype abbrevtype tranid trandisplayname transactionnumber status externalid memo otherrefnum"
                " source email"
            ),
            decimal=(
                "exchangerate foreigntotal foreignamountpaid foreignamountunpaid foreignpaymentamountused"
                " foreignpaymentamountunused estgrossprofit taxtotal"
            ),
            boolean="posting voided void isreversal reversaldefer",
            day="trandate duedate closedate reversaldate startdate enddate",
            moment="createddate lastmodifieddate",
        ),
        _table(
            "transactionline",
            "transaction id",
            "linelastmodifieddate transaction id",
            "createdfrom",
            "item",
            integer=(
                "transaction id linesequencenumber uniquekey entity subsidiary item department class location"
                " createdfrom expenseaccount price revenueelement taxcode"
            ),
            text="itemtype memo transactionlinetype accountinglinetype documentnumber units paymentmethod rateformat",
            decimal=(
                "foreignamount netamount quantity rate rateamount ratepercent creditforeignamount debitforeignamount"
                " foreignamountpaid foreignamountunpaid foreignpaymentamountused foreignpaymentamountunused"
                " quantitybilled amountlinked taxamount taxrate1"
            ),
            boolean="mainline taxline iscogs isclosed isbillable isrevrectransaction transactiondiscount eliminate",
            day="amortizstartdate amortizationenddate closedate",
            moment="linecreateddate linelastmodifieddate",
        ),
        _table(
            "transactionaccountingline",
            "transaction transactionline accountingbook",
            "lastmodifieddate transaction transactionline accountingbook",
            "account",
            integer="transaction transactionline accountingbook account overheadparentitem",
            decimal=(
                "amount debit credit netamount exchangerate amountpaid amountunpaid paymentamountused"
                " paymentamountunused amountlinked"
            ),
            boolean="posting processedbyrevcommit",
            moment="lastmodifieddate",
        ),
        _table(
            "customer",
            "id",
            "lastmodifieddate id",
            "externalid",
            display="altname",
            integer=(
                "id parent subsidiary currency terms entitystatus salesrep receivablesaccount defaultbillingaddress"
                " category pricelevel leadsource"
            ),
            text=(
                "entityid entitytitle entitynumber externalid altname companyname firstname lastname salutation email"
                " phone fax url comments creditholdoverride searchstage accountnumber defaulttaxreg vatregnumber"
                " language globalsubscriptionstatus"
            ),
            decimal="creditlimit balancesearch overduebalancesearch unbilledorderssearch",
            boolean="isinactive isperson oncredithold weblead giveaccess duplicate",
            day="startdate enddate firstorderdate lastorderdate dateclosed",
            moment="datecreated lastmodifieddate",
        ),
        _table(
            "subsidiary",
            "id",
            "lastmodifieddate id",
            display="name",
            integer="id parent currency fiscalcalendar mainaddress",
            text=(
                "name fullname legalname externalid country state email url tranprefix languagelocale federalidnumber"
                " edition timezone"
            ),
            boolean="isinactive iselimination showsubsidiaryname",
            moment="lastmodifieddate",
        ),
        _table(
            "currency",
            "id",
            display="name",
            integer="id currencyprecision symbolplacement",
            text="name symbol displaysymbol externalid",
            decimal="exchangerate",
            boolean="isbasecurrency isinactive overridecurrencyformat includeinfxrateupdates",
            moment="lastmodifieddate",
        ),
        _table(
            "accountingperiod",
            "id",
            display="periodname",
            integer="id parent",
            text="periodname",
            boolean=(
                "closed alllocked arlocked aplocked allownonglchanges isposting isadjust isquarter isyear isinactive"
            ),
            day="startdate enddate",
            moment="closedondate lastmodifieddate",
        ),
        _table(
            "account",
            "id",
            "lastmodifieddate id",
            display="accountsearchdisplayname",
            integer="id parent currency department class location billableexpensesacct deferralacct",
            text=(
                "acctnumber accttype accountsearchdisplayname accountsearchdisplaynamecopy fullname externalid"
                " displaynamewithhierarchy description subsidiary cashflowrate generalrate sspecacct"
            ),
            boolean="isinactive issummary inventory revalue includechildren eliminate reconcilewithmatching",
            moment="lastmodifieddate",
        ),
        _table(
            "item",
            "id",
            "lastmodifieddate id",
            "externalid",
            display="itemid",
            integer=(
                "id parent incomeaccount expenseaccount assetaccount deferralaccount gainlossaccount class department"
                " location taxschedule"
            ),
            text=(
                "itemid fullname displayname description itemtype subtype externalid subsidiary upccode"
                " salesdescription"
            ),
            decimal="cost",
            boolean="isinactive isonline",
            moment="createddate lastmodifieddate",
        ),
        _table(
            "term",
            "id",
            display="name",
            integer="id daysuntilnetdue daysuntilexpiry dayofmonthnetdue duenextmonthifwithindays",
            text="name externalid",
            decimal="discountpercent",
            boolean="isinactive preferred datedriven",
        ),
        _table(
            "accountingbook",
            "id",
            display="name",
            integer="id basebook effectiveperiod",
            text="name externalid subsidiariesstring",
            boolean="isprimary isconsolidated isadjustmentonly",
            moment="lastmodifieddate",
        ),
        _table(
            "customersubsidiaryrelationship",
            "id",
            "entity",
            integer="id entity subsidiary primarycurrency",
            text="name externalid",
            boolean="isprimarysub isinactive",
            moment="lastmodifieddate",
        ),
        _table(
            "nexttransactionlinelink",
            "previousdoc previousline nextdoc nextline linktype",
            "nextdoc nextline",
            "lastmodifieddate",
            **_LINKS,
        ),
        _table(
            "deletedrecord",
            "recordtypeid recordid",
            "deleteddate recordid",
            integer="recordtypeid recordid deletedby",
            text="type name context scriptid",
            boolean="iscustomrecord iscustomlist iscustomtransaction",
            moment="deleteddate",
        ),
    )
}

MIRRORS = {"previoustransactionlinelink": "nexttransactionlinelink"}
"""Tables that show another table's rows: the two link tables differ in name only (Source: Tim Dietrich, 2021-03-29)."""

CENSUS = (
    "customer transaction transactionline transactionaccountingline subsidiary currency accountingperiod account item"
    " term"
).split()
"""The streams a census counts; the other tables hang from them."""
