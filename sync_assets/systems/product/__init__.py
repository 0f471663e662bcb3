"""The product's own platform through the OpenMeter API: ingested events, meters, entitlements, customers, subjects.

Routes, parameters and models are those of the `openmeter` client 1.0.0b236; the key is a bearer token. Quirks:

- Events are read by ingestion time, never by their own: late and backdated events are accepted. `/api/v2/events` pages
  by cursor, newest first, at most 100 a page. A filter takes one operator, so a range is an `$and` of two. Source:
  openmeterio/openmeter `pkg/filter` (multiple operators are refused) and `openmeter/meterevent` (limit 100).
- Some server versions build the cursor from the event's own time although the page is sorted by ingestion time, so that
  it skips events. Such a cursor is recognised and not followed (`events.py`). Source: openmeterio/openmeter
  `openmeter/meterevent/service.go`, before cursors took the sort field into account.
- A platform without v2 is read through `/api/v1/events`: no cursor, 100 events a reply, 32 days back (`events_v1.py`).
- An event is `source` and `id`. The same pair may be stored again (deduplication is a setting, its window 32 days): it
  comes with a later ingestion time and is therefore a later version of one record, equal or not.
- What the server adds while answering (`validationError`, `customerId`) changes without the event changing, so a record
  is composed of the event, its two times, and the meters that measure its type.
- Meters never change what they measure; they are created and deleted. An event keeps the meters that were there when it
  came in, or, when none was, those there are.
- An entitlement's edit leaves no event and its list shows the present only: entitlements, meters, customers and
  subjects are snapshots, in the order of their creation. An item with `deletedAt` is a deletion.
"""
