"""Salesforce as the CRM: REST API and Bulk API 2.0, version 67.0 (Summer '26) unless `API_VERSION` says another.

An org that has no such version yet is read in the nearest one that it lists, unless somebody named the version.

Login: client credentials (needs the My Domain URL) or JWT bearer, both at `<url>/services/oauth2/token`; data are at
the `instance_url` of the reply. Neither flow gives a refresh token: an expired session (401 INVALID_SESSION_ID) means
a new login. Source: help.salesforce.com, "OAuth 2.0 Client Credentials Flow", "OAuth 2.0 JWT Bearer Flow".

Quirks this folder is built around:

- Query locators expire and only ten stay open per user, so none is used: every page is a query of its own, keyed on
  (SystemModstamp, Id). Source: SOAP API Developer Guide, "QueryLocator"; help article 000387261 (SystemModstamp).
- SystemModstamp has whole seconds and is set inside the transaction: rows appear up to a transaction's length late,
  many with the same stamp. Source: Apex Developer Guide, "Execution Governors" (ten minutes a transaction).
- Deleted rows show in `queryAll` until they leave the recycle bin; afterwards only in the delete log, which reaches
  back 15 days at most. Source: REST API Developer Guide, "sObject Get Deleted".
- A merge is the deletion of the loser with `MasterRecordId`. Source: Object Reference, "Account".
- Fields that the org does not have, or that the user may not see, are missing from the describe, and a query that
  names one fails (INVALID_FIELD). The describe is asked once per object; missing fields are left out and read as null,
  also those that only a query shows to be missing.
- Orders and contracts can be switched off. That looks exactly like a missing permission, so an invisible object is an
  error until `WITHOUT` (object names) says that the org does without it.
- `CurrencyIsoCode` exists only in multi-currency orgs. A single-currency org names its currency nowhere in its
  records; Connect REST API "Organization" does (`features.defaultCurrencyIsoCode`, valid when `multiCurrency` is
  false), and `CURRENCY` overrides it. Without either, amounts stay unconverted.
- The daily request allowance is shared with everyone else's integrations (`Sforce-Limit-Info`): reading stops at 95 %.
"""
