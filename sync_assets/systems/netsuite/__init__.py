"""Oracle NetSuite, the books: read through SuiteQL, REST query service v1 (`POST /services/rest/query/v1/suiteql`).

Belongs here: what this vendor's words, times and pages mean. Not here: writing (this system is read only).
"ONH" is docs.oracle.com/en/cloud/saas/netsuite/ns-online-help/. NC = not confirmed by a document.

Login. OAuth 2 client credentials with a certificate (PS256 for RSA keys, ES256/384/512 for elliptic curves; ONH
section_162790605110), or token-based OAuth 1.0a with HMAC-SHA256. New token-based integrations end with release 2027.1
(ONH section_158618788810). The role needs REST Web Services, Log in using Access Tokens or OAuth 2.0, SuiteAnalytics
Workbook, view rights on the tables, and Deleted Records for tombstones (ONH section_N3497592).

Pages. `Prefer: transient` is required; at most 1,000 rows a page; `hasMore` decides, not links (ONH
section_157909186990). Without a total order pages repeat and drop rows (ONH section_158394344595), and one query ends
at 100,000 rows (ONH section_156414087576). So every statement asks for offset 0 behind the last row's keys, ordered by
record ids. Ids are whole numbers that never change, so the order holds while rows are edited, while clocks are set
back, and whatever fractions of a second a stamp has. Reply columns are lower case, scalars JSON strings, flags "T" and
"F", nulls absent (NC; native JSON types are read as well).

Times. SuiteQL has no zones: TO_CHAR renders a wall-clock time, and without it dates follow the user's preferences (ONH
section_156257805177, airbyte #55206), so every date goes through TO_CHAR and TO_DATE with one format. In which zone
TO_CHAR renders a change stamp - the servers' Pacific time (ONH section_1521451348 for SOAP), the account's or the
user's - is NC; databrickslabs/lakeflow-community-connectors saw the account's preference on a live account. It is
measured: SYSDATE (the machine's clock) and CURRENT_DATE (our session's, Oracle SQL reference) beside the reply's Date
header give offsets, rounded to a quarter hour; an offset that fits Pacific time now is taken for it, daylight saving
included; of another offset only the present one is known, and windows reach an hour further at both ends. Where both
clocks differ, times are read as the session's and windows reach over both. The setting SYNC_NETSUITE_TIME_ZONE names
the zone and ends all guessing: set it wherever times are neither Pacific nor UTC, or stamps of the other half of the
year are an hour off. The zone is written behind each time (`... || ' America/Los_Angeles'`), so stored records carry
it; Oracle puts it behind a null too, and a zone alone is read as no time. In the hour that happens twice a second
change of one record within it may rank before the first until it changes again. Days (`trandate`) have no zone.

Changes. `transaction.lastmodifieddate` and `customer.lastmodifieddate`; `transactionline.linelastmodifieddate` and
`transactionaccountingline.lastmodifieddate` (absent in older accounts: fivetran/dbt_netsuite #77), both of which can be
null. Lines are read when their header or they themselves changed, and rank by the later stamp; whether a payment's
application or a cost run touches the header is NC, hence an hour of overlap. Other tables are read whole.
Deleted records come from the `deletedrecord` table (columns `recordid`, `type`, `recordtypeid`, `deleteddate`, as
others query it; spelling of `type` NC, so it is compared without case, blanks and marks). An account
that refuses the list by name is read without, which is remarked; any other refusal of it stops the read, until
`WITHOUT` names it. Lines that vanish from a document which still stands are in no list.

Columns. Accounts differ by feature (OneWorld, Multi-Book, approvals) and roles by what they may see: optional columns
that an account refuses are left out, remarked, and the rest is read; a needed one stops the stream and is named. A
refusal that names nothing ("Invalid or unsupported search", a 403) may pass: the same is asked once more, then less one
joined table after the other, and what helped is left out only where the whole is still refused then. Where nothing
helps the stream stops, until `WITHOUT` (table names) says that the account does without it. A header has no subsidiary
(NOT_EXPOSED): it is that of the main line. Ledger amounts are in the base currency of the line's subsidiary; without
OneWorld, in the account's only one. A secondary book may keep another currency, which is NC and not read.

Signs. Lines are debit positive, credit negative (fivetran/dbt_netsuite models/netsuite2.yml). Item lines of invoices
are turned round, totals of credit memos, payments, refunds and deposits lose their sign; invoice totals keep theirs.
A ledger line is known by transaction, line and accounting book: without the book it counts twice.

Errors. `o:errorDetails[].o:errorCode` (ONH section_156570709583). Too many requests at once: 429 or 400 with
CONCURRENCY_LIMIT_EXCEEDED or SSS_REQUEST_LIMIT_EXCEEDED, without Retry-After (body NC); the limit is one pool for the
whole account, so few requests run at a time. 401 INVALID_LOGIN: log in again once.

Links. `externalid` = `chargebee_customer_<id>`, `chargebee_invoice_<id>`, `chargebee_credit_note_<id>`,
`chargebee_transaction_<id>` (payments, refunds), `stripe_payout_<id>` (deposits). An invoice without one is taken for a
copy of the billing invoice whose id is its document number.
"""
