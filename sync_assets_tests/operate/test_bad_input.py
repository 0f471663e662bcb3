"""What a person or a vendor gets wrong: one sentence that says what is wrong and what to do, exit code 2, no trace."""

from pathlib import Path

import pytest

from sync_assets.sandbox.vendors.chargebee import Chargebee
from sync_assets.sandbox.vendors.netsuite import NetSuite
from sync_assets.sandbox.vendors.product import Product
from sync_assets.sandbox.vendors.salesforce import Salesforce
from sync_assets.sandbox.vendors.stripe import Stripe
from sync_assets.store.engine import Store
from sync_assets_tests.operate.conftest import Serve
from sync_assets_tests.operate.shell import Say, assert_refused
from sync_assets_tests.page_server import Answer, serving

VENDORS = (Chargebee, NetSuite, Product, Salesforce, Stripe)

WRONG_WORDS = {
    "breaks --class F999": ("F999", "there are F1, F2, F3,"),
    "breaks --owner XX": ("XX", "RO, FI, SU, PR, DE"),
    "breaks --verdict MAYBE": ("MAYBE", "BROKEN"),
    "breaks --format xml": ("xml", "table, json, csv"),
    "breaks --nosuch": ("No such option",),
    "trace invoice 1042 --format csv": ("csv", "text, json"),
    "census --format csv": ("csv", "table, json"),
    "nosuch": ("No such command",),
    "trace invoice": ("Missing argument",),
    "demo --customers 0": ("--customers",),
    "sandbox serve --port 99999": ("--port",),
    "run --system sap": ("no system sap", "chargebee, netsuite"),
    "run": ("No system is configured", "sync-assets demo"),
    "run --system stripe": ("stripe is not configured", "SYNC_STRIPE_URL"),
}


@pytest.mark.parametrize(("words", "parts"), WRONG_WORDS.items())
def test_a_word_that_does_not_exist_is_answered_with_those_that_do(
    *, home: Path, say: Say, words: str, parts: tuple[str, ...]
) -> None:
    assert_refused(say(*words.split()), *parts)
    assert not list(home.iterdir()), "nothing was started for it"


WRONG_DAYS = {
    "--from 2026-03-02 --to 2026-03-01": "lies after",
    "--from 2026-03-01 --to 2999-01-01": "lies in the future",
    "--from 2014-12-31 --to 2026-03-01": "lies before",
    "--from 2026-02-30 --to 2026-03-01": "is not a day",
    "--from 2026-03-01 --to 2026-03-01 --stream receipts": "no stream of stripe 'receipts'; there are customers,",
    "--from 2026-03-01 --to yesterday": "write it as 2026-11-03",
}


@pytest.mark.parametrize(("words", "part"), WRONG_DAYS.items())
def test_days_that_cannot_be_read_again_are_refused_before_anything_starts(
    *, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch, words: str, part: str
) -> None:
    monkeypatch.setenv("SYNC_STRIPE_API_KEY", "sk_1")
    assert_refused(say("backfill", "--system", "stripe", *words.split()), part)
    assert not list(home.iterdir())


def test_a_stream_without_days_is_refused_and_those_with_days_are_named(home: Path, say: Say, serve: Serve) -> None:
    serve(NetSuite)
    words = "backfill --system netsuite --from 2026-03-01 --to 2026-03-01 --stream currency".split()
    assert_refused(say(*words), "no change stamp", "customer, transaction,")


WRONG_SETTINGS = {
    "only the address": ({"SYNC_CHARGEBEE_URL": "https://acme.chargebee.com"}, "SYNC_CHARGEBEE_API_KEY is missing"),
    "only the key": ({"SYNC_CHARGEBEE_API_KEY": "secret"}, "SYNC_CHARGEBEE_URL is missing"),
    "a name for an address": ({"SYNC_CHARGEBEE_URL": "acme", "SYNC_CHARGEBEE_API_KEY": "secret"}, "is not a URL"),
    "secrets in clear": (
        {"SYNC_CHARGEBEE_URL": "http://acme.chargebee.com", "SYNC_CHARGEBEE_API_KEY": "secret"},
        "SYNC_CHARGEBEE_URL must start with https://",
    ),
    "a login of one kind begun": (
        {
            "SYNC_NETSUITE_URL": "https://1.suitetalk.api.netsuite.com",
            "SYNC_NETSUITE_ACCOUNT": "1",
            "SYNC_NETSUITE_TOKEN_ID": "id",
        },
        "SYNC_NETSUITE_CONSUMER_KEY, SYNC_NETSUITE_CONSUMER_SECRET, SYNC_NETSUITE_TOKEN_SECRET is missing",
    ),
    "an account alone": (
        {"SYNC_NETSUITE_ACCOUNT": "1"},
        "SYNC_NETSUITE_URL, SYNC_NETSUITE_CLIENT_ID, SYNC_NETSUITE_CERTIFICATE_ID, SYNC_NETSUITE_PRIVATE_KEY is",
    ),
    "half of a login": (
        {"SYNC_SALESFORCE_URL": "https://acme.my.salesforce.com", "SYNC_SALESFORCE_CLIENT_ID": "id"},
        "SYNC_SALESFORCE_CLIENT_SECRET is missing",
    ),
}


@pytest.mark.parametrize(("settings", "part"), WRONG_SETTINGS.values(), ids=WRONG_SETTINGS)
def test_a_setting_that_is_missing_or_wrong_is_named(
    *, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], part: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert_refused(say("run"), part, secrets=("secret",))


@pytest.mark.parametrize(
    ("setting", "value"),
    [("RATE", "many"), ("RATE", "0"), ("START", "last year"), ("START", "2026-02-30"), ("START", "2999-01-01")],
)
def test_a_wrong_rate_or_start_is_said_once(
    *, store: Store, home: Path, say: Say, serve: Serve, monkeypatch: pytest.MonkeyPatch, setting: str, value: str
) -> None:
    serve(Product)
    monkeypatch.setenv(f"SYNC_PRODUCT_{setting}", value)
    told = say("run")
    assert_refused(told, f"SYNC_PRODUCT_{setting} must be", value)
    assert told.sentence.count("must be") == 1


def test_a_home_that_cannot_be_made_is_named_with_the_setting(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNC_HOME", "/proc/nope")
    assert_refused(say("breaks"), "/proc/nope", "set SYNC_HOME to a directory of yours")


WRONG_DATABASES = {
    "not a url": "SYNC_DATABASE_URL is not a URL such as postgresql://",
    "mysql://localhost/sync": "SYNC_DATABASE_URL must look like postgresql://",
    "postgresql://sync:secret@127.0.0.1:1/sync": "No Postgres answers at 127.0.0.1:1",
}


@pytest.mark.parametrize(("url", "part"), WRONG_DATABASES.items())
@pytest.mark.parametrize("command", ["breaks", "census", "trace invoice 1"])
def test_a_database_that_is_not_there_is_named_without_its_password(
    *, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch, command: str, url: str, part: str
) -> None:
    monkeypatch.setenv("SYNC_DATABASE_URL", url)
    assert_refused(say(*command.split()), part, secrets=("secret",))


def test_a_refused_password_of_the_database_is_named(
    *, store: Store, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = store.engine.url.set(drivername="postgresql", password="not-it").render_as_string(hide_password=False)
    monkeypatch.setenv("SYNC_DATABASE_URL", url)
    assert_refused(say("breaks"), "refused the password in SYNC_DATABASE_URL", secrets=("not-it",))


def test_a_settings_file_with_a_bad_line_is_told_by_line_and_never_quoted(
    *, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("# ours\nSYNC_STRIPE_API_KEY sk_live_secret\n")
    assert_refused(say("run"), "Line 2 of .env is not NAME=value", secrets=("sk_live_secret",))
    (tmp_path / ".env").write_bytes(b"SYNC_STRIPE_API_KEY=\xff\n")
    assert_refused(say("run"), ".env cannot be read")


def test_no_record_of_that_id_is_said_with_what_to_do(store: Store, home: Path, say: Say) -> None:
    assert_refused(say("trace", "invoice", "1042"), "No invoice is known as 1042", "run a sync first")
    assert_refused(say("trace", "receipt", "1042"), "no entity receipt", "invoice")
    assert_refused(say("trace", "invoice", "' OR 1=1; --"), "No invoice is known as ' OR 1=1; --")


WRONG_SECRETS = {
    "SYNC_CHARGEBEE_API_KEY": "wrong-key-of-billing",
    "SYNC_NETSUITE_CERTIFICATE_ID": "wrong-certificate",
    "SYNC_PRODUCT_API_KEY": "wrong-key-of-product",
    "SYNC_SALESFORCE_CLIENT_SECRET": "wrong-secret-of-crm",
    "SYNC_STRIPE_API_KEY": "sk_wrong",
}


def test_every_vendor_that_refuses_the_login_is_named_with_the_setting_to_check(
    *, store: Store, home: Path, say: Say, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = [serve(vendor) for vendor in VENDORS]
    assert say("doctor").code == 0
    for name, value in WRONG_SECRETS.items():
        monkeypatch.setenv(name, value)
    told = say("run")
    assert_refused(told, *WRONG_SECRETS_NAMED, secrets=tuple(WRONG_SECRETS.values()))
    examined = say("doctor")
    assert examined.code == 1, "it did look, and a person is needed"
    assert examined.out.count("!!") == 5
    assert not any(secret in examined.out for secret in WRONG_SECRETS.values())
    assert all(len(server.requests) < 20 for server in servers), "no stream asks a system that refuses the login"


WRONG_SECRETS_NAMED = (
    "SYNC_CHARGEBEE_API_KEY",
    "SYNC_NETSUITE_CERTIFICATE_ID",
    "SYNC_PRODUCT_",
    "SYNC_SALESFORCE_CLIENT_SECRET",
    "SYNC_STRIPE_API_KEY",
)


def test_an_unknown_api_version_is_named(
    *, store: Store, home: Path, say: Say, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(Stripe)
    monkeypatch.setenv("SYNC_STRIPE_API_VERSION", "1999-01-01")
    assert_refused(say("run"), "SYNC_STRIPE_API_VERSION")
    serve(Salesforce)
    monkeypatch.setenv("SYNC_SALESFORCE_API_VERSION", "999.0")
    examined = say("doctor")
    assert examined.code == 1
    assert "!! stripe" in examined.out
    assert "check SYNC_SALESFORCE_URL and SYNC_SALESFORCE_API_VERSION" in examined.out


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.__name__)
def test_an_unreachable_host_is_said_after_a_bounded_number_of_attempts(
    *, store: Store, home: Path, say: Say, serve: Serve, monkeypatch: pytest.MonkeyPatch, vendor: type
) -> None:
    monkeypatch.setattr("sync_assets.http.retry.BACKOFF_FIRST_S", 0.001)
    serve(vendor).stop()
    name = vendor.__name__.lower()
    told = say("run")
    assert_refused(told, name, "no connection")
    assert f"SYNC_{name.upper()}_URL" in told.sentence


@pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.__name__)
def test_a_vendor_that_answers_a_web_page_is_not_believed(
    *, store: Store, home: Path, say: Say, serve: Serve, monkeypatch: pytest.MonkeyPatch, vendor: type
) -> None:
    page = Answer(body=b"<html><body>Please log in</body></html>", headers={"Content-Type": "text/html"})
    name = vendor.__name__.lower()
    serve(vendor)
    with serving(lambda _asked: page) as server:
        monkeypatch.setenv(f"SYNC_{name.upper()}_URL", server.url)
        told = say("run")
    assert_refused(told, name, "check", secrets=("<html",))
