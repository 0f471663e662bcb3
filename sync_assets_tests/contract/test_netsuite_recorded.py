"""Rows that others exported from real NetSuite accounts fit into the simulated one, column by column.

The rows are from fivetran/dbt_netsuite 986fb90a, integration_tests/seeds/ (Apache-2.0), without `_fivetran_` columns,
change stamps and empty columns.
"""

from collections.abc import Iterator

import pytest

from sync_assets_tests.contract.netsuite_account import Account, running_account


def recorded(text: str) -> dict[str, str]:
    """A row from `name=value` pairs with semicolons between them."""
    return dict(pair.strip().split("=") for pair in text.split(";"))


ROWS: dict[str, dict[str, str]] = {
    "transaction": recorded(
        "id=3; type=VendBill; trandate=2015-09-10 0:00:00; status=B; createddate=2017-05-12 3:41:25; "
        "duedate=2015-10-09 0:00:00; closedate=2015-10-05 0:00:00; currency=1; entity=36; postingperiod=251; "
        "posting=T; isreversal=F; reversal=325252; reversaldate=2023-08-02 0:00:00; reversaldefer=F"
    ),
    "transactionline": recorded(
        "id=5; transaction=2542; assemblycomponent=T; blandedcost=F; cleared=F; commitinventory=1; "
        "commitmentfirm=F; donotdisplayline=T; dropship=F; entity=541; expectedshipdate=2017-05-31 0:00:00; "
        "fulfillable=T; fxamountlinked=0; isbillable=F; hasfulfillableitems=F; isclosed=F; iscogs=F; "
        "isfullyshipped=F; isfxvariance=F; isinventoryaffecting=F; isrevrectransaction=F; isscrap=F; item=80; "
        "price=1; itemtype=InvtPart; kitcomponent=F; kitmemberof=1; landedcostperline=F; mainline=F; "
        "linesequencenumber=5; matchbilltoreceipt=F; memo=Elden Ring; oldcommitmentfirm=F; quantity=-2; "
        "quantitybilled=0; quantitypacked=0; quantitypicked=0; specialorder=F; quantityrejected=0; "
        "quantityshiprecv=0; subsidiary=1; taxline=F; eliminate=F; transactiondiscount=F; uniquekey=1471"
    ),
    "transactionaccountingline": recorded(
        "accountingbook=1; transaction=302; transactionline=4; account=118; exchangerate=1; posting=T; amountlinked=0"
    ),
    "customer": recorded(
        "id=1409; altname=Joe Shmoe; balancesearch=0; billpay=F; consolbalancesearch=0; "
        "consoldaysoverduesearch=0; consoloverduebalancesearch=0; creditholdoverride=AUTO; "
        "consolunbilledorderssearch=0; currency=1; custentity18=F; custentity_cust_priority=50; "
        "custentity_fmt_cust_credit_on_hold=F; datecreated=2017-05-27 8:56:10; duplicate=T; email=jm@fake.com; "
        "emailpreference=DEFAULT; emailtransactions=F; entityid=CCS; entitystatus=6; entitytitle=Joe Shmoe; "
        "faxtransactions=F; firstname=Joe; firstorderdate=2017-05-07 0:00:00; giveaccess=F; "
        "globalsubscriptionstatus=1; isbudgetapproved=F; isinactive=F; isperson=T; language=en_US; lastname=Li; "
        "oncredithold=F; overduebalancesearch=0; printtransactions=F; probability=0; receivablesaccount=-10; "
        "salesrep=1008; searchstage=Lead; shipcomplete=F; terms=2; shippingcarrier=nonups; "
        "unbilledorderssearch=0; weblead=F; dateclosed=2017-05-27 0:00:00"
    ),
    "accountingperiod": recorded(
        "id=280; alllocked=T; allownonglchanges=F; aplocked=T; arlocked=T; closed=T; closedondate=2002-03-31 "
        "0:00:00; enddate=2002-03-31 0:00:00; isadjust=F; isinactive=F; isposting=T; isquarter=F; isyear=F; "
        "parent=2; periodname=Mar 2002; startdate=2002-03-01 00:00:00"
    ),
    "currency": recorded(
        "id=4; currencyprecision=2; displaysymbol=€; exchangerate=1.11289001; name=Euro; "
        "includeinfxrateupdates=T; isbasecurrency=F; isinactive=F; overridecurrencyformat=F; symbol=EUR; "
        "symbolplacement=1"
    ),
    "subsidiary": recorded(
        "id=4; country=US; currency=1; dropdownstate=AK; edition=US; fiscalcalendar=1; fullname=CeCe; "
        "iselimination=F; isinactive=F; languagelocale=en_US; name=Meow Meow; mainaddress=1126; parent=4; "
        "showsubsidiaryname=F; state=AK"
    ),
    "account": recorded(
        "id=133; accountsearchdisplayname=Power; accttype=OthExpense; cashflowrate=AVERAGE; "
        "accountsearchdisplaynamecopy=Power; custrecord_fam_account_showinfixedasset=3, 4, 5, 6; "
        "displaynamewithhierarchy=Power; externalid=Allowance for Doubtful Account; fullname=Power; "
        "generalrate=AVERAGE; includechildren=T; inventory=F; isinactive=F; issummary=F; reconcilewithmatching=F; "
        "revalue=F; sspecacct=Power; subsidiary=1, 3, 4, 6; eliminate=F"
    ),
    "item": recorded(
        "id=640; fullname=This; itemtype=Payment; description=Deposit; class=11; subsidiary=3; incomeaccount=6"
    ),
    "accountingbook": recorded(
        "id=1; isadjustmentonly=F; isconsolidated=T; isprimary=T; name=Primary Accounting Book; "
        "subsidiariesstring=test, test1, test2"
    ),
}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running_account() as running:
        for stream, row in ROWS.items():
            running.vendor.put(stream, row)
        yield running


@pytest.mark.parametrize("table", ROWS)
def test_a_recorded_row_comes_back_as_it_was_recorded(account: Account, table: str) -> None:
    (row,) = account.rows(f"SELECT * FROM {table}")
    days = {name: value.split(" ")[0].split("-") for name, value in ROWS[table].items() if value.endswith(":00")}
    shown = {name: f"{int(month)}/{int(day)}/{year}" for name, (year, month, day) in days.items()}
    stamps = {name for name, value in ROWS[table].items() if value.count(":") == 2 and name not in days}
    given = {name: value for name, value in ROWS[table].items() if name not in stamps}
    assert {name: row[name] for name in given} == {**given, **shown}


@pytest.mark.parametrize(("table", "column"), [("transaction", "createddate"), ("customer", "datecreated")])
def test_a_recorded_stamp_is_the_accounts_wall_clock(account: Account, table: str, column: str) -> None:
    (row,) = account.rows(f"SELECT TO_CHAR({column}, 'YYYY-MM-DD FMHH24:FMMI:SS') AS at FROM {table}")
    assert row["at"] == ROWS[table][column]
