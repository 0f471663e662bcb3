"""The simulated Oracle NetSuite account: SuiteQL, the record service and both logins over one ledger.

Belongs here: NetSuite's wire shapes, its SQL dialect, its errors and its oddities. No accounting: what a posting should
be is the simulated company's business, this room stores what it is given.

What the vendor's documents leave open, and what this account does:
- Time: Oracle documents no time zone for SuiteQL (integrators differ: some read `TO_CHAR` of a stamp as UTC, most as
  account time). Here every stamp is kept and rendered as wall-clock time of the account's zone, default
  America/Los_Angeles, so the hour that autumn repeats is ambiguous, as it is in an Oracle DATE.
- A date selected without `TO_CHAR` is rendered in the account's display format and loses its time of day
  (Source: Estuary's connector pages; Airbyte issues 21871 and 55206).
- The header of a transaction has no subsidiary; its lines have (Source: the SuiteQL tables in Fivetran's dbt_netsuite).
- A query shows at most its first 100,000 rows and then says that there are no more (Source: Oracle online help,
  Collection Paging).
- Adding an ORDER BY that is not total leaves ties in an order that differs between requests.
"""

from sync_assets.sandbox.vendors.netsuite.account import Quirks
from sync_assets.sandbox.vendors.netsuite.vendor import NetSuite

__all__ = ["NetSuite", "Quirks"]
