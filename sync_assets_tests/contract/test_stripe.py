"""The simulated Stripe answers the vendor's own client as the vendor's reference promises: lists and objects."""

from collections.abc import Iterator
from typing import Any

import pytest
from stripe import InvalidRequestError

from sync_assets_tests.contract.stripe_account import OPENED_S, Account, running_account

# From stripe/openapi f6c2a48f, openapi/fixtures3.json (MIT).
RECORDED_BALANCE_TRANSACTION = {
    "amount": 100,
    "available_on": 1234567890,
    "created": 1234567890,
    "currency": "usd",
    "description": "My First Test Charge (created for API docs)",
    "exchange_rate": None,
    "fee": 0,
    "fee_details": [],
    "id": "txn_1PgaxNB7WZ01zgkWEV3TLf40",
    "net": 100,
    "object": "balance_transaction",
    "reporting_category": "charge",
    "source": "ch_1PgafuB7WZ01zgkWXYmPNZs8",
    "status": "available",
    "type": "charge",
    "balance_type": "payments",
}


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        yield running


def refusal(call: Any) -> tuple[Any, Any, Any, Any]:
    """Status, code, param and message of the refusal that a call meets."""
    with pytest.raises(InvalidRequestError) as refused:
        call()
    error: Any = refused.value
    return error.http_status, error.code, error.param, error.error.message


def test_every_customer_is_reached_once_through_pages_newest_first(account: Account) -> None:
    account.put_customers(25, seconds_apart=0)  # all within one second
    pages = [account.api.customers.list({"limit": 10})]
    while pages[-1].has_more:
        pages.append(account.api.customers.list({"limit": 10, "starting_after": pages[-1].data[-1].id}))
    assert [len(page.data) for page in pages] == [10, 10, 5]  # 25 = 10 + 10 + 5
    assert [row for page in pages for row in account.ids(page)] == [f"cus_{n:02d}" for n in range(24, -1, -1)]


def test_the_clients_own_iteration_reaches_everything(account: Account) -> None:
    account.put_customers(23)
    assert len({row.id for row in account.api.customers.list({"limit": 5}).auto_paging_iter()}) == 23


def test_a_page_has_ten_rows_unless_told(account: Account) -> None:
    account.put_customers(12)
    page = account.api.customers.list({})
    assert (len(page.data), page.has_more, page.url) == (10, True, "/v1/customers")


@pytest.mark.parametrize(("limit", "rows"), [(0, 1), (-5, 1), (101, 100), (1000, 100)])
def test_a_limit_outside_one_to_a_hundred_is_moved_inside(account: Account, limit: int, rows: int) -> None:
    account.put_customers(101, seconds_apart=0)
    assert len(account.api.customers.list({"limit": limit}).data) == rows


def test_ending_before_pages_back_to_the_newest(account: Account) -> None:
    account.put_customers(5)
    page = account.api.customers.list({"limit": 2, "ending_before": "cus_01"})
    assert (account.ids(page), page.has_more) == (["cus_03", "cus_02"], True)
    last = account.api.customers.list({"limit": 2, "ending_before": "cus_03"})
    assert (account.ids(last), last.has_more) == (["cus_04"], False)


@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ({"gt": OPENED_S + 1}, ["cus_03", "cus_02"]),
        ({"gte": OPENED_S + 1}, ["cus_03", "cus_02", "cus_01"]),
        ({"lt": OPENED_S + 1}, ["cus_00"]),
        ({"gt": OPENED_S, "lte": OPENED_S + 2}, ["cus_02", "cus_01"]),
        (OPENED_S + 3, ["cus_03"]),
    ],
)
def test_created_bounds_are_kept(account: Account, created: Any, expected: list[str]) -> None:
    account.put_customers(4)
    page = account.api.customers.list({"created": created, "limit": 100})
    assert (account.ids(page), page.has_more) == (expected, False)


def test_a_cursor_that_names_nothing_is_refused_before_two_cursors_are(account: Account) -> None:
    account.put_customers(3)
    account.vendor.delete("customers", "cus_01")
    lists = account.api.customers.list
    both = "Received both starting_after and ending_before parameters. Please pass in only one."
    assert refusal(lambda: lists({"starting_after": "cus_01"}))[:3] == (400, "resource_missing", "starting_after")
    assert refusal(lambda: lists({"starting_after": "cus_00", "ending_before": "cus_x"}))[2] == "ending_before"
    assert refusal(lambda: lists({"starting_after": "cus_00", "ending_before": "cus_02"}))[3] == both


def put_payment(account: Account, number: int, **charge: Any) -> None:
    vendor, names = account.vendor, {"customer": f"cus_{number}", "payment_intent": f"pi_{number}"}
    vendor.put("customers", {"id": names["customer"], "email": f"{number}@example.com"})
    vendor.put("charges", {"id": f"ch_{number}", "amount": 500, **names, **charge})
    intent = {"id": names["payment_intent"], "customer": names["customer"], "latest_charge": f"ch_{number}"}
    vendor.put("payment_intents", {"amount": 500, "status": "succeeded", **intent})
    vendor.put("refunds", {"id": f"re_{number}", "amount": 100, "charge": f"ch_{number}", "currency": "eur"})
    vendor.put("disputes", {"id": f"du_{number}", "amount": 500, "charge": f"ch_{number}"})


def test_lists_are_narrowed_by_the_object_they_belong_to(account: Account) -> None:
    for number in (1, 2):
        put_payment(account, number)
    api, ids = account.api, account.ids
    assert ids(api.charges.list({"customer": "cus_1"})) == ["ch_1"]
    assert ids(api.charges.list({"payment_intent": "pi_2", "customer": "cus_2"})) == ["ch_2"]
    assert ids(api.charges.list({"payment_intent": "pi_2", "customer": "cus_1"})) == []
    assert ids(api.payment_intents.list({"customer": "cus_2"})) == ["pi_2"]
    assert ids(api.refunds.list({"charge": "ch_1"})) == ["re_1"]
    assert ids(api.disputes.list({"charge": "ch_2"})) == ["du_2"]
    assert ids(api.customers.list({"email": "2@example.com"})) == ["cus_2"]
    account.vendor.put("customers", {"id": "cus_2", "email": "new@example.com"})
    assert ids(api.customers.list({"email": "2@example.com"})) == []


def test_a_filter_on_an_object_that_does_not_exist_is_refused(account: Account) -> None:
    expected = (400, "resource_missing", "charge", "No such charge: 'ch_x'")
    assert refusal(lambda: account.api.refunds.list({"charge": "ch_x"})) == expected


def test_balance_transactions_are_found_by_source_type_and_currency(account: Account) -> None:
    put = account.vendor.put
    put("balance_transactions", {"id": "txn_1", "amount": 500, "fee": 15, "source": "ch_1"})
    put("balance_transactions", {"id": "txn_2", "amount": -500, "type": "adjustment", "source": "du_1"})

    def found(**params: str) -> list[str]:
        return account.ids(account.api.balance_transactions.list(params))

    assert found(source="ch_1") == ["txn_1"]
    assert found(type="adjustment") == ["txn_2"]
    assert found(source="du_1") == []  # measured: the filter never finds disputes
    assert found(currency="xyz") == found(type="bogus") == []
    assert account.api.balance_transactions.retrieve("txn_1").net == 485  # 500 - 15


def test_a_recorded_object_comes_back_as_recorded(account: Account) -> None:
    account.vendor.put("balance_transactions", RECORDED_BALANCE_TRANSACTION)
    shown = account.api.balance_transactions.retrieve("txn_1PgaxNB7WZ01zgkWEV3TLf40").to_dict()
    assert shown == RECORDED_BALANCE_TRANSACTION


def test_a_payout_lists_what_it_paid_out_and_itself(account: Account) -> None:
    put = account.vendor.put
    put("payouts", {"id": "po_1", "amount": 485, "balance_transaction": "txn_po"})
    put("payouts", {"id": "po_2", "amount": 1, "automatic": False})
    put("balance_transactions", {"id": "txn_1", "amount": 500, "fee": 15, "payout": "po_1"})
    put("balance_transactions", {"id": "txn_2", "amount": 900})
    put("balance_transactions", {"id": "txn_po", "amount": -485, "type": "payout", "source": "po_1"})
    lists = account.api.balance_transactions.list
    page = lists({"payout": "po_1", "limit": 100})
    assert account.ids(page) == ["txn_po", "txn_1"]
    assert sum(row.net for row in page.data) == 0  # 485 - 485
    assert "payout" not in page.data[1]
    put("balance_transactions", {"id": "txn_2", "payout": "po_1"})
    assert account.ids(lists({"payout": "po_1"})) == ["txn_po", "txn_2", "txn_1"]
    assert refusal(lambda: lists({"payout": "po_2"}))[3].endswith("automatic transfers, not manual.")
    assert refusal(lambda: lists({"payout": "po_x"}))[:3] == (400, "resource_missing", "payout")


def test_payouts_are_found_by_status_and_arrival(account: Account) -> None:
    account.vendor.put("payouts", {"id": "po_1", "arrival_date": OPENED_S + 86400, "status": "paid"})
    account.vendor.put("payouts", {"id": "po_2", "arrival_date": OPENED_S + 172800})
    assert account.ids(account.api.payouts.list({"status": "paid"})) == ["po_1"]
    assert account.ids(account.api.payouts.list({"arrival_date": {"gt": OPENED_S + 86400}})) == ["po_2"]


def test_a_deleted_customer_is_a_stub_and_gone_from_lists(account: Account) -> None:
    account.put_customers(2)
    account.vendor.delete("customers", "cus_00")
    stub = {"id": "cus_00", "object": "customer", "deleted": True}
    assert account.api.customers.retrieve("cus_00").to_dict() == stub
    assert account.ids(account.api.customers.list({})) == ["cus_01"]
    assert account.vendor.census()["customers"] == ["cus_01"]
    told = account.api.events.list({"limit": 1}).data[0]
    assert (told.type, told.data.object.name) == ("customer.deleted", "Company 0")  # the whole object, as it was


def test_only_customers_can_be_deleted_and_only_once(account: Account) -> None:
    account.put_customers(1)
    account.vendor.delete("customers", "cus_00")
    with pytest.raises(KeyError):
        account.vendor.delete("customers", "cus_00")
    with pytest.raises(ValueError, match="customers only"):
        account.vendor.delete("charges", "ch_1")


def test_ids_expand_to_objects_over_several_levels(account: Account) -> None:
    put_payment(account, 1, balance_transaction="txn_1")
    account.vendor.put("balance_transactions", {"id": "txn_1", "amount": 500, "source": "ch_1"})
    listed = account.api.refunds.list({"expand": ["data.charge.customer", "data.charge.balance_transaction.source"]})
    charge = listed.data[0].charge
    assert (charge.customer.email, charge.balance_transaction.source.id) == ("1@example.com", "ch_1")
    intent = account.api.payment_intents.retrieve("pi_1", {"expand": ["latest_charge", "customer"]})
    assert (intent.latest_charge.amount, intent.customer.id) == (500, "cus_1")
    account.vendor.delete("customers", "cus_1")
    gone = account.api.charges.list({"expand": ["data.customer"]}).data[0].customer
    assert gone.to_dict() == {"id": "cus_1", "object": "customer", "deleted": True}


def test_a_charge_shows_its_refunds_when_asked_and_pages_them_at_their_own_address(account: Account) -> None:
    put_payment(account, 1)
    for number in range(12):
        account.vendor.put("refunds", {"id": f"re_x{number:02d}", "charge": "ch_1"})
    assert "refunds" not in account.api.charges.retrieve("ch_1")
    refunds = account.api.charges.retrieve("ch_1", {"expand": ["refunds"]}).refunds
    assert (len(refunds.data), refunds.has_more, refunds.url) == (10, True, "/v1/charges/ch_1/refunds")
    basic = f"Bearer {account.vendor.api_key}"
    _, rest, _ = account.get(f"{refunds.url}?starting_after={refunds.data[-1].id}", basic)
    assert [row["id"] for row in rest["data"]] == ["re_x01", "re_x00", "re_1"]  # 13 = 10 + 3


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("customer", "This property cannot be expanded (customer). You may want to try expanding 'data.customer' "),
        ("data.amount", "This property cannot be expanded (data.amount)."),
        ("data.customer.email", "This property cannot be expanded (data.customer.email)."),
        ("data.customer.a.b.c", "You cannot expand more than 4 levels of a property."),
    ],
)
def test_what_cannot_be_expanded_is_refused(account: Account, path: str, message: str) -> None:
    found = refusal(lambda: account.api.charges.list({"expand": [path]}))
    assert found[0] == 400
    assert found[3].startswith(message)
