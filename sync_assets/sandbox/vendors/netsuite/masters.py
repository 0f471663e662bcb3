"""The tables of master data: customers, subsidiaries, currencies, periods, accounts, books, items, terms.

Belongs here: names and kinds of columns, as data. Source: the SuiteQL tables in the seeds of Fivetran's dbt_netsuite.
"""

from sync_assets.sandbox.vendors.netsuite.documents import DOCUMENTS
from sync_assets.sandbox.vendors.netsuite.schema import Table, table

CUSTOMER = table(
    "customer",
    "id",
    "lastmodifieddate id",
    "externalid",
    display="altname",
    integer=(
        "id parent subsidiary currency terms entitystatus salesrep receivablesaccount defaultbillingaddress"
        " defaultshippingaddress category pricelevel leadsource partner territory contact contactlist campaignevent"
        " buyingreason buyingtimeframe billingratecard billingschedule defaultorderpriority prefccprocessor"
        " salesreadiness shippingitem assignedwebsite sourcewebsite reminderdays visits consoldaysoverduesearch"
    ),
    text=(
        "entityid entitytitle entitynumber externalid altname companyname firstname middlename lastname salutation"
        " title email altemail phone altphone homephone mobilephone fax url comments creditholdoverride searchstage"
        " accountnumber defaulttaxreg vatregnumber language globalsubscriptionstatus alcoholrecipienttype"
        " billingtransactiontype clickstream defaultbankaccount emailpreference keywords lastpagevisited"
        " negativenumberformat numberformat printoncheckas referrer resalenumber shippingcarrier thirdpartyacct"
        " thirdpartycarrier thirdpartycountry thirdpartyzipcode"
    ),
    decimal=(
        "creditlimit balancesearch overduebalancesearch unbilledorderssearch consolbalancesearch"
        " consoloverduebalancesearch consolunbilledorderssearch estimatedbudget probability"
    ),
    boolean=(
        "isinactive isperson oncredithold weblead giveaccess duplicate billpay emailtransactions faxtransactions"
        " printtransactions isbudgetapproved shipcomplete"
    ),
    day="startdate enddate firstorderdate lastorderdate firstsaledate lastsaledate dateclosed",
    moment="datecreated lastmodifieddate firstvisit lastvisit",
)

SUBSIDIARY = table(
    "subsidiary",
    "id",
    "lastmodifieddate id",
    display="name",
    integer="id parent currency fiscalcalendar mainaddress returnaddress shippingaddress",
    text=(
        "name fullname legalname externalid country state dropdownstate email fax url tranprefix languagelocale edition"
        " federalidnumber ssnortin state1taxnumber timezone"
    ),
    decimal=(
        "purchaseorderamount purchaseorderquantity purchaseorderquantitydiff receiptamount receiptquantity"
        " receiptquantitydiff"
    ),
    boolean="isinactive iselimination showsubsidiaryname",
    moment="lastmodifieddate",
)

CURRENCY = table(
    "currency",
    "id",
    display="name",
    integer="id currencyprecision symbolplacement",
    text="name symbol displaysymbol externalid fxrateupdatetimezone",
    decimal="exchangerate",
    boolean="isbasecurrency isinactive overridecurrencyformat includeinfxrateupdates",
    moment="lastmodifieddate",
)

PERIOD = table(
    "accountingperiod",
    "id",
    display="periodname",
    integer="id parent",
    text="periodname",
    boolean="closed alllocked arlocked aplocked allownonglchanges isposting isadjust isquarter isyear isinactive",
    day="startdate enddate",
    moment="closedondate lastmodifieddate",
)

ACCOUNT = table(
    "account",
    "id",
    "lastmodifieddate id",
    display="accountsearchdisplayname",
    integer="id parent currency department class location billableexpensesacct deferralacct category1099misc",
    text=(
        "acctnumber accttype accountsearchdisplayname accountsearchdisplaynamecopy fullname externalid description"
        " displaynamewithhierarchy subsidiary cashflowrate generalrate sspecacct sbankname sbankroutingnumber"
    ),
    boolean="isinactive issummary inventory revalue includechildren eliminate reconcilewithmatching",
    moment="lastmodifieddate",
)

ITEM = table(
    "item",
    "id",
    "lastmodifieddate id",
    "externalid",
    display="itemid",
    integer=(
        "id parent incomeaccount expenseaccount assetaccount deferralaccount gainlossaccount class department location"
        " taxschedule"
    ),
    text=("itemid fullname displayname description itemtype subtype externalid subsidiary upccode salesdescription"),
    decimal="cost",
    boolean="isinactive isonline",
    moment="createddate lastmodifieddate",
)

TERM = table(
    "term",
    "id",
    display="name",
    integer="id daysuntilnetdue daysuntilexpiry dayofmonthnetdue duenextmonthifwithindays",
    text="name externalid",
    decimal="discountpercent",
    boolean="isinactive preferred datedriven",
)

BOOK = table(
    "accountingbook",
    "id",
    display="name",
    integer="id basebook effectiveperiod",
    text="name externalid subsidiariesstring",
    boolean="isprimary isconsolidated isadjustmentonly",
    moment="lastmodifieddate",
)

RELATIONSHIP = table(
    "customersubsidiaryrelationship",
    "id",
    "entity",
    integer="id entity subsidiary primarycurrency",
    text="name externalid",
    boolean="isprimarysub isinactive",
    moment="lastmodifieddate",
)

_MASTERS = (CUSTOMER, SUBSIDIARY, CURRENCY, PERIOD, ACCOUNT, ITEM, TERM, BOOK, RELATIONSHIP)

TABLES: dict[str, Table] = {known.name: known for known in (*DOCUMENTS, *_MASTERS)}
"""Every table SuiteQL shows, by name."""

CENSUS = (
    "customer transaction transactionline transactionaccountingline subsidiary currency accountingperiod account item"
    " term"
).split()
"""The streams a census counts; the other tables hang from them."""
