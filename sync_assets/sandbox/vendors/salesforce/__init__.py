"""A simulated Salesforce org: OAuth, SOQL with locators, queryAll, get-deleted, Bulk API 2.0 queries, row writes.

Belongs here: Salesforce's protocol as its documents describe it, over rows the simulated company puts. Start at
`vendor` (the verbs), then `api` (the routes). Not spoken: child subqueries, GROUP BY, semi-joins, SOSL, SOAP, ingest
jobs.
"""

from sync_assets.sandbox.vendors.salesforce.quirks import Quirks
from sync_assets.sandbox.vendors.salesforce.vendor import Salesforce

__all__ = ["Quirks", "Salesforce"]
