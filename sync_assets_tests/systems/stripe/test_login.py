"""Claims about talking to Stripe: the key, the pinned version, and what each error means."""

import json
from typing import Any

import pytest

from sync_assets.connect.settings import read_settings
from sync_assets.connect.spec import Window
from sync_assets.http.client import Client
from sync_assets.model.errors import ContractError, RetryLaterError, SettingError, UnreachableError
from sync_assets.systems.stripe.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked
from sync_assets_tests.systems.stripe.account import NOW, Account, at, opened

FIRST = Window(start=None, end=at(NOW), earliest=at(0))


def read(client: Client) -> None:
    SYSTEM.read(client, SYSTEM.stream("charges"), FIRST, None)


def failure(status: int, headers: dict[str, str] | None = None, **error: Any) -> Answer:
    return Answer(status=status, body=json.dumps({"error": error}).encode(), headers=headers or {})


def test_the_key_is_a_bearer_token_and_the_version_is_pinned() -> None:
    with opened(Account(objects={}).answer) as (client, server):
        read(client)
    assert server.asked[0].headers["authorization"] == "Bearer sk_test_key"
    assert server.asked[0].headers["stripe-version"] == "2026-10-28.endive"
    assert "sk_test_key" not in repr(client)


def test_the_address_and_the_version_have_defaults_that_settings_replace() -> None:
    environment = {"SYNC_STRIPE_API_KEY": "sk"}
    plain = read_settings("stripe", SYSTEM.credentials, SYSTEM.optional, environment)
    assert plain is not None
    assert plain.url == "https://api.stripe.com"
    environment |= {"SYNC_STRIPE_API_VERSION": "2025-03-31.basil", "SYNC_STRIPE_URL": "https://stripe.example/v1"}
    chosen = read_settings("stripe", SYSTEM.credentials, SYSTEM.optional, environment)
    assert chosen is not None
    client = SYSTEM.open(chosen, lambda: None)
    assert (client.base_url, client.headers["Stripe-Version"]) == ("https://stripe.example", "2025-03-31.basil")


def test_an_address_without_a_key_is_half_a_configuration() -> None:
    with pytest.raises(SettingError, match="SYNC_STRIPE_API_KEY"):
        read_settings("stripe", SYSTEM.credentials, SYSTEM.optional, {"SYNC_STRIPE_URL": "https://stripe.example"})


REFUSALS: dict[str, tuple[Answer, type[Exception], str]] = {
    "no such key": (failure(401, type="invalid_request_error"), UnreachableError, "SYNC_STRIPE_API_KEY"),
    "a restricted key": (failure(403, type="invalid_request_error"), UnreachableError, "may not read"),
    "another address": (Answer(status=404, body=b"<html>"), UnreachableError, "SYNC_STRIPE_URL"),
    "a wrong parameter": (failure(400, type="invalid_request_error", param="limit"), ContractError, "limit"),
    "a redirect": (Answer(status=302, headers={"Location": "https://evil.example"}), UnreachableError, "final address"),
    "no retry wanted": (failure(500, {"Stripe-Should-Retry": "false"}, type="api_error"), RetryLaterError, "500"),
    "no retry of a rate limit": (
        failure(429, {"Stripe-Should-Retry": "false"}, code="rate_limit"),
        RetryLaterError,
        "429",
    ),
    "no retry of a conflict": (
        failure(409, {"Stripe-Should-Retry": "false"}, type="api_error"),
        RetryLaterError,
        "409",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_what_to_look_at_and_is_not_repeated(name: str) -> None:
    answer, error, words = REFUSALS[name]
    with opened(lambda _asked: answer) as (client, server), pytest.raises(error, match=words) as raised:
        read(client)
    assert "sk_test_key" not in str(raised.value)
    assert len(server.asked) == 1


BUSY: dict[str, Answer] = {
    "too many requests": failure(
        429, {"Stripe-Rate-Limited-Reason": "endpoint-rate"}, type="invalid_request_error", code="rate_limit"
    ),
    "an object held": failure(429, type="invalid_request_error", code="lock_timeout"),
    "the old rate limit": failure(400, type="invalid_request_error", code="rate_limit"),
    "a conflict": failure(409, type="idempotency_error"),
    "Stripe says so": failure(402, {"Stripe-Should-Retry": "true"}, type="api_error"),
    "an outage": Answer(status=503, body=b"down"),
}


@pytest.mark.parametrize("name", BUSY)
def test_a_passing_failure_is_asked_again(name: str) -> None:
    passing = iter([True, False])
    account = Account(objects={})

    def answer(asked: Asked) -> Answer:
        return BUSY[name] if next(passing) else account.answer(asked)

    waits: list[float] = []
    with opened(answer, waits) as (client, server):
        read(client)
    assert (len(waits), len(server.asked)) == (1, 2)
