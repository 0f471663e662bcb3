"""Chargebee, in the role of billing: Product Catalog 2.0, API v2, read through its list operations.

Login: HTTP Basic, the API key as user name, no password. Base URL `https://<site>.chargebee.com`, paths below
`/api/v2`. Source: apidocs.chargebee.com/docs/api (authentication).

What a reader has to know:

- A list has `list` (each element wraps the resource under its own name, beside related ones) and `next_offset`, whose
  absence is the end. Source: apidocs.chargebee.com/docs/api/list-ops.
- Time filters are whole seconds and `after`, `before` are strict, so they are widened by one second.
- `updated_at` is absent on resources untouched since 2016 and on some transactions for ever, and a filter on it drops
  them without a word: a first read is unfiltered, in an order that cannot move, and transactions are also read by
  their date. Source: apidocs.chargebee.com/docs/api/transactions (`updated_at` optional), PostHog issue 76090.
- Deleted customers, subscriptions and documents stay listed with `include_deleted`; items and item prices vanish. Both
  leave a `*_deleted` event, which is read as well. Source: apidocs.chargebee.com/docs/api/events.
- What a list can be sorted by differs: credit notes by date only. A list that refuses a filter or an order (a 400 whose
  `param` names it) is read whole instead. Source: apidocs.chargebee.com/docs/api/credit_notes/list-credit-notes.
- Usages are ordered by `usage_date` only, found by id one at a time, and leave no event when they are deleted.
  Source: apidocs.chargebee.com/docs/api/usages/list-usages.
- Large invoices carry a part of their lines and `line_items_next_offset`. Source: .../invoices/retrieve-an-invoice.
- Amounts are hundredths of the major unit, also of currencies with three decimals; currencies without decimals are in
  the major unit. Source: apidocs.chargebee.com/docs/api/currencies.
- Absent means null: null fields are left out of every resource.
- Events carry the resource as it was: they are the history of subscriptions.
"""
