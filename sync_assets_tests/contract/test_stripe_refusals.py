"""The simulated Stripe's refusals, headers and versions, through the vendor's client and over plain HTTP."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from sync_assets_tests.contract.stripe_account import Account, running_account


@pytest.fixture
def account() -> Iterator[Account]:
    with running_account() as running:
        yield running


def bearer(account: Account) -> str:
    return f"Bearer {account.vendor.api_key}"


def test_the_key_is_taken_as_bearer_or_as_the_name_of_basic_authentication(account: Account) -> None:
    basic = "Basic " + b64encode(f"{account.vendor.api_key}:".encode()).decode()
    assert account.get("/v1/customers", bearer(account))[0] == 200
    assert account.get("/v1/customers", basic)[0] == 200


@pytest.mark.parametrize("authorization", ["", "Basic !!", "Digest x"])
def test_a_request_without_a_key_is_told_how_to_give_one(account: Account, authorization: str) -> None:
    status, body, headers = account.get("/v1/customers", authorization)
    assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="Stripe"')
    assert body["error"]["type"] == "invalid_request_error"
    assert body["error"]["message"].startswith("You did not provide an API key.")


def test_a_wrong_key_is_refused_and_shown_masked(account: Account) -> None:
    wrong = stripe.StripeClient("sk_sandbox_0000wxyz", base_addresses={"api": account.server.url})
    with pytest.raises(stripe.AuthenticationError) as refused:
        wrong.v1.customers.list()
    # 19 characters: 8 shown, 7 hidden, 4 shown
    assert str(refused.value.error.message) == "Invalid API Key provided: sk_sandb*******wxyz"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("stream", "object_id", "message", "param"),
    [
        ("customers", "cus_x", "No such customer: 'cus_x'", "id"),
        ("payment_intents", "pi_x", "No such payment_intent: 'pi_x'", "intent"),
        ("charges", "ch_x", "No such charge: 'ch_x'", "id"),
        ("balance_transactions", "txn_x", "No such balance transaction: 'txn_x'", "id"),
        ("payouts", "po_x", "No such payout: 'po_x'", "payout"),
        ("events", "evt_x", "No such event: 'evt_x'", "id"),
    ],
)
def test_a_missing_object_is_a_404_in_the_vendors_words(
    account: Account, stream: str, object_id: str, message: str, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        getattr(account.api, stream).retrieve(object_id)
    error = refused.value
    assert (error.http_status, error.code, error.param) == (404, "resource_missing", param)
    assert str(error.error.message) == message  # type: ignore[union-attr]
    assert error.json_body["error"]["doc_url"] == "https://stripe.com/docs/error-codes/resource-missing"  # type: ignore[index]


@pytest.mark.parametrize(
    ("target", "status", "code", "param"),
    [
        ("/v1/customers?colour=red", 400, "parameter_unknown", "colour"),
        ("/v1/customers?created[after]=1", 400, "parameter_unknown", "created[after]"),
        ("/v1/customers?updated[gte]=1", 400, "parameter_unknown", "updated[gte]"),
        ("/v1/customers/cus_1?limit=1", 400, "parameter_unknown", "limit"),
        ("/v1/customers?limit=ten", 400, "parameter_invalid_integer", "limit"),
        ("/v1/customers?created[gte]=today", 400, "parameter_invalid_integer", "created[gte]"),
        ("/v1/events?delivery_success=maybe", 400, None, "delivery_success"),
        ("/v1/invoices", 404, None, None),
        ("/v1/customers/cus_1/refunds", 404, None, None),
        ("/v2/customers", 404, None, None),
    ],
)
def test_what_the_reference_does_not_offer_is_refused(
    account: Account, target: str, status: int, code: str | None, param: str | None
) -> None:
    account.vendor.put("customers", {"id": "cus_1"})
    found, body, _ = account.get(target, bearer(account))
    error = body["error"]
    assert (found, error.get("code"), error.get("param"), error["type"]) == (
        status,
        code,
        param,
        "invalid_request_error",
    )


def test_writing_through_the_api_is_not_offered(account: Account) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=r"Unrecognized request URL \(POST: /v1/customers\)"):
        account.api.customers.create({"name": "A"})


def test_the_account_says_which_one_it_is(account: Account) -> None:
    assert account.api.accounts.retrieve_current().id == "acct_sandbox7"


def test_every_reply_has_its_own_request_id_and_names_its_version(account: Account) -> None:
    first, second = account.api.customers.list({}), account.api.customers.list({})
    assert first.last_response.request_id != second.last_response.request_id
    assert first.last_response.headers["Stripe-Version"] == "2026-10-28.endive"
    _, _, refused = account.get("/v1/nothing", bearer(account))
    assert refused["Request-Id"].startswith("req_")


def test_an_older_version_shows_older_shapes(account: Account) -> None:
    account.vendor.put("charges", {"id": "ch_1", "payment_intent": "pi_1"})
    account.vendor.put("payment_intents", {"id": "pi_1", "latest_charge": "ch_1"})
    account.vendor.put("refunds", {"id": "re_1", "charge": "ch_1"})

    def intent(version: str) -> Any:
        return account.api.payment_intents.retrieve("pi_1", None, {"stripe_version": version})

    old, between, new = (intent(version) for version in ("2020-08-27", "2022-11-15", "2025-03-31.basil"))
    assert ("latest_charge" in old, old.charges.data[0].id) == (False, "ch_1")
    assert ("charges" in between, between.latest_charge, between.invoice) == (False, "ch_1", None)
    assert ("invoice" in new, new.latest_charge) == (False, "ch_1")
    account.vendor.quirks.account_version = "2020-08-27"
    _, charge, headers = account.get("/v1/charges/ch_1", bearer(account))
    assert (charge["refunds"]["data"][0]["id"], headers["Stripe-Version"]) == ("re_1", "2020-08-27")


@pytest.mark.parametrize("version", ["2021-01-01", "2026-08-27.basil", "latest"])
def test_a_version_that_was_never_published_is_refused(account: Account, version: str) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=f"Invalid Stripe API version: {version}") as refused:
        account.api.customers.list({}, {"stripe_version": version})
    assert refused.value.http_status == 400


def test_quirk_the_request_limit_answers_429_with_its_reason(account: Account) -> None:
    account.vendor.quirks.rate_limit = 1
    account.vendor.quirks.rate_window_s = 60
    account.api.customers.list({})
    with pytest.raises(stripe.RateLimitError) as limited:
        account.api.customers.list({})
    assert limited.value.json_body["error"]["code"] == "rate_limit"  # type: ignore[index]
    assert limited.value.headers["Stripe-Rate-Limited-Reason"] == "global-rate"  # type: ignore[index]
    account.vendor.quirks.rate_window_s = 0
    account.api.customers.list({})


@pytest.mark.parametrize(
    ("status", "code", "expected", "header"),
    [
        (429, "", stripe.RateLimitError, "Stripe-Rate-Limited-Reason"),
        (500, "", stripe.APIError, "Stripe-Should-Retry"),
        (403, "", stripe.PermissionError, "Request-Id"),
        (409, "", stripe.APIError, "Request-Id"),
    ],
)
def test_faults_can_speak_the_vendors_bodies(
    account: Account, status: int, code: str, expected: type[stripe.StripeError], header: str
) -> None:
    account.server.faults.append(lambda _request, _proceed: account.vendor.error(status, code))
    with pytest.raises(expected) as refused:
        account.api.customers.list({})
    assert header in refused.value.headers  # type: ignore[operator]


def test_a_locked_object_is_a_429_without_a_reason(account: Account) -> None:
    reply = account.vendor.error(429, "lock_timeout")
    assert "Stripe-Rate-Limited-Reason" not in reply.headers
    assert b'"code":"lock_timeout"' in reply.body


def test_the_settings_are_what_a_client_needs(account: Account) -> None:
    settings = account.vendor.settings(account.server.url)
    assert settings["SYNC_STRIPE_URL"] == account.server.url
    assert settings["SYNC_STRIPE_API_KEY"] == account.vendor.api_key
    assert settings["SYNC_STRIPE_WEBHOOK_SECRET"] == account.vendor.webhook_secret
    assert settings["SYNC_STRIPE_API_VERSION"] == "2026-10-28.endive"


def test_the_census_is_what_exists_without_the_feed(account: Account) -> None:
    account.put_customers(2)
    account.vendor.put("charges", {"id": "ch_1"})
    census = account.vendor.census()
    assert (census["customers"], census["charges"], "events" in census) == (["cus_00", "cus_01"], ["ch_1"], False)
