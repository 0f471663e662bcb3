"""Stripe, in the role of payments: charges, refunds, disputes, payouts and the ledger between them, read through v1.

Login: the secret (or a restricted, read-only) key as bearer token; the API version is pinned by header, so that fields
do not move when the account is upgraded. Source: docs.stripe.com/api/authentication, docs.stripe.com/api/versioning.

What a reader has to know:

- Lists are newest first, `starting_after` an id, `has_more` says whether there is more; a read freezes its upper end by
  `created[lte]`, so that new objects do not push others along. When the object of the cursor was deleted, the answer is
  a 400 `resource_missing`, and the list goes on by the creation time instead. Source: docs.stripe.com/api/pagination.
- No object says when it last changed. Changes come from the events of the last 30 days, whose contents are in the
  version of their time: an event is a hint, the object is fetched by id. A longer silence means reading everything.
  Objects created in a window are listed by a hundred instead. Source: docs.stripe.com/api/events/list.
- A charge also changes by events about its disputes and refunds.
- Deleted customers are answered with `deleted: true` and nothing else. Source: docs.stripe.com/api/customers/delete.
- The ledger (balance transactions) has no events. Which payout paid an entry out is not in the entry: only
  `balance_transactions?payout=` tells, and for automatic payouts only, so entries of each such payout are read again
  and composed with `payout` (and `payout_rank`, by which that reading outranks any other).
  Source: docs.stripe.com/payouts/reconciliation, docs.stripe.com/api/balance_transactions/list.
- An entry turns from pending to available at a midnight: the last days are listed again when a read passes one;
  `available_on` says the same without reading again.
- The refunds inside a charge are not used, so their inner list need not be completed.
- Amounts are in the currency's smallest unit, which is not always ISO's. Source: docs.stripe.com/currencies.
- Fields may hold an id or, expanded, the object itself.
"""
