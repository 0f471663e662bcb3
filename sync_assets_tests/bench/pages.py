"""A fast server of Chargebee-shaped pages: any number of invoices of about 1.75 kB, made on the fly, some changed.

Run as `python -m sync_assets_tests.bench.pages COUNT CHANGED WITHHELD PAGE`; prints its port. Records 0..CHANGED-1 have
a change stamp after `CHANGED_AT`, so that an incremental read finds just those. So many records drawn at random are
WITHHELD: they exist and are shown to nobody, as if their transactions had not been committed yet.
"""

import json
import sys
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qsl, urlsplit

BORN_AT = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
CHANGED_AT = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())

_LINES = ",".join(
    (
        '{"id":"li_@ID@_@NO@","date_from":1767225600,"date_to":1769904000,"unit_amount":2500,"quantity":4,"amount":10000,'
        '"pricing_model":"per_unit","is_taxed":true,"tax_amount":1900,"tax_rate":19.0,"object":"line_item",'
        '"subscription_id":"sub_@ID@","customer_id":"cust_@ID@","description":"Seats of the team plan for January",'
        '"entity_type":"plan_item_price","entity_id":"team-EUR-monthly","discount_amount":0,"item_level_discount_amount":0}'
    ).replace("@NO@", str(number))
    for number in range(2)
)
_RECORD = (
    '{"id":"@ID@","customer_id":"cust_@ID@","subscription_id":"sub_@ID@","recurring":true,"status":"paid",'
    '"price_type":"tax_exclusive","date":@AT@,"due_date":@AT@,"net_term_days":0,"exchange_rate":1.0,'
    '"total":23800,"amount_paid":23800,"amount_adjusted":0,"write_off_amount":0,"credits_applied":0,"amount_due":0,'
    '"paid_at":@AT@,"dunning_status":"success","updated_at":@UP@,"resource_version":@UP@000,"deleted":false,'
    '"object":"invoice","first_invoice":false,"amount_to_collect":0,"round_off_amount":0,"new_sales_amount":0,'
    '"has_advance_charges":false,"currency_code":"EUR","base_currency_code":"EUR","generated_at":@AT@,'
    '"is_gifted":false,"term_finalized":true,"channel":"web","tax":3800,"sub_total":20000,"line_items":['
    + _LINES
    + "],"
    '"taxes":[{"object":"tax","name":"VAT","description":"VAT @ 19%","amount":3800}],"linked_payments":[{"txn_id":'
    '"txn_@ID@","applied_amount":23800,"applied_at":@AT@,"txn_status":"success","txn_amount":23800}],'
    '"billing_address":{"first_name":"Ada","last_name":"L","company":"Company @ID@","city":"Berlin","country":"DE"},'
    '"site_details_at_creation":{"timezone":"Etc/UTC"},"applied_credits":[],"adjustment_credit_notes":[],'
    '"issued_credit_notes":[],"linked_orders":[],"dunning_attempts":[],"notes":[]}'
)


def record(number: int, changed: int) -> str:
    """One invoice; those before `changed` carry the later change stamp."""
    up = CHANGED_AT + number // 100 if number < changed else BORN_AT + number // 100
    return _RECORD.replace("@ID@", str(number)).replace("@AT@", str(BORN_AT)).replace("@UP@", str(up))


def withheld(count: int, many: int) -> frozenset[int]:
    """The same records each time for the same numbers, so that the bench knows which they are."""
    return frozenset(Random(count).sample(range(count), many))


class _Handler(BaseHTTPRequestHandler):
    count = changed = size = 0
    hidden: Collection[int] = frozenset()
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        body = self._invoices(query) if parts.path == "/api/v2/invoices" else b'{"list":[]}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _invoices(self, query: Mapping[str, str]) -> bytes:
        """The named invoices, or a page of the list in the order that was asked for.

        Source: apidocs.chargebee.com/docs/api/invoices (`id[in]`, `sort_by[asc|desc]`, `updated_at[after]`).
        """
        if "id[in]" in query:
            return self._page([int(name) for name in json.loads(query["id[in]"]) if int(name) < self.count])
        count = self.changed if int(query.get("updated_at[after]", 0)) > BORN_AT + 86_400 else self.count
        start = int(json.loads(query["offset"])[0]) if "offset" in query else 0
        end = min(start + self.size, count)
        numbers = range(start, end)
        if "sort_by[desc]" in query:
            numbers = range(count - 1 - start, count - 1 - end, -1)
        return self._page(numbers, end if end < count else None)

    def _page(self, numbers: Iterable[int], following: int | None = None) -> bytes:
        """Invoices in the vendor's envelope."""
        shown = [number for number in numbers if number not in self.hidden]
        rows = ",".join('{"invoice":' + record(number, self.changed) + "}" for number in shown)
        onward = f',"next_offset":"[\\"{following}\\",\\"{following}\\"]"' if following else ""
        return f'{{"list":[{rows}]{onward}}}'.encode()


def main() -> None:
    """Serve until killed."""
    count, changed, hidden, size = map(int, sys.argv[1:])
    _Handler.count, _Handler.changed, _Handler.size = count, changed, size
    _Handler.hidden = withheld(count, hidden)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)  # noqa: T201 - how the parent learns the port
    server.serve_forever()


if __name__ == "__main__":
    main()
