"""Errors as documented: what passes by itself, what a person must do."""

from collections.abc import Callable

import pytest

from sync_assets.connect.spec import Page, Window
from sync_assets.model.errors import ContractError, RetryLaterError, SyncError, UnreachableError
from sync_assets.systems.netsuite.replies import refused_words
from sync_assets.systems.netsuite.spec import SYSTEM
from sync_assets_tests.page_server import Answer, Asked, serving
from sync_assets_tests.systems.netsuite.account import error, open_suite, page
from sync_assets_tests.systems.netsuite.test_reads import EVERYTHING


def read_terms(answers: list[Answer]) -> tuple[Page, list[float]]:
    """The first page of a small table, and the seconds waited for it."""
    waited: list[float] = []

    def answer(_: Asked) -> Answer:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    with serving(answer) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        client.sleep = waited.append
        return SYSTEM.read(client, SYSTEM.stream("term"), EVERYTHING, None), waited


BUSY = [
    error(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked."),
    error(429, "SSS_REQUEST_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked."),
    error(400, "SSS_REQUEST_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked."),
    error(400, "USER_ERROR", "Error: SSS_REQUEST_LIMIT_EXCEEDED"),
    # as RESTlets say it; that a query is answered so is not confirmed
    Answer(status=400, body=b'{"error": {"code": "SSS_REQUEST_LIMIT_EXCEEDED", "message": "Request Limit Exceeded"}}'),
    Answer(status=429, body=b""),
    Answer(status=503, body=b"<html>"),
    error(500, "UNEXPECTED_ERROR", "An unexpected error occurred."),
]


@pytest.mark.parametrize("busy", BUSY)
def test_too_many_requests_at_once_pass_by_themselves(busy: Answer) -> None:
    found, waited = read_terms([busy, busy, page([{"id": "2", "name": "Net 30"}])])
    assert len(found.records) == 1
    # no Retry-After is sent, so each wait is the client's own growing one
    assert len(waited) == 2
    assert all(0 < seconds <= 60 for seconds in waited)


def test_a_delay_that_the_vendor_names_is_obeyed() -> None:
    busy = error(429, "CONCURRENCY_LIMIT_EXCEEDED", "Request blocked.", {"Retry-After": "7"})
    assert read_terms([busy, page([])])[1] == [7]


def test_an_account_that_stays_busy_is_left_for_the_next_run() -> None:
    with pytest.raises(RetryLaterError, match="too many requests"):
        read_terms([BUSY[2]])


@pytest.mark.parametrize(
    ("answer", "failure", "said"),
    [
        (
            error(403, "INSUFFICIENT_PERMISSION", "Permission Violation: You need Lists -> Terms."),
            UnreachableError,
            "Lists",
        ),
        (error(401, "INVALID_LOGIN_ATTEMPT", "Invalid login attempt."), UnreachableError, "SYNC_NETSUITE_"),
        (Answer(status=401, body=b""), UnreachableError, "SYNC_NETSUITE_"),
        (
            error(400, "INVALID_PARAMETER", "Unknown identifier 'name'. Available identifiers are: {te=te}"),
            ContractError,
            "'name'",
        ),
        (error(400, "INVALID_PARAMETER", "Invalid or unsupported search"), ContractError, "unsupported"),
        (Answer(status=400, body=b"<html>"), ContractError, "refused"),
        (Answer(status=400, body=b'{"error": {"code": "INVALID", "message": "No."}}'), ContractError, "INVALID No."),
        (Answer(status=400, body=b'{"error": "no", "o:errorDetails": {}}'), ContractError, "refused"),
        (error(404, "NONEXISTENT_ID", "Not found"), UnreachableError, "404"),
        (Answer(status=302, headers={"Location": "https://elsewhere.example/"}), UnreachableError, "302"),
    ],
)
def test_an_error_that_needs_a_person_says_what_is_wrong(answer: Answer, failure: type[SyncError], said: str) -> None:
    with pytest.raises(failure, match=said):
        read_terms([answer])


@pytest.mark.parametrize(
    ("detail", "word"),
    [
        (
            "Search error occurred: Field 'subsidiary' for record 'customer' was not found. Reason: FEATURE",
            "subsidiary",
        ),
        ("Unknown identifier 'cu.URL'. Available identifiers are: {customer=customer}", "url"),
        ('Record "entityaddress" was not found.', "entityaddress"),
        ("INVALID_PARAMETER Invalid search query. Invalid search type: entityaddress.", "entityaddress"),
        ("no such column: daysuntilnetdue", "daysuntilnetdue"),
        ("invalid column voided", "invalid"),
        ("Search error occurred: Query timed out.", "search"),
    ],
)
def test_a_refusal_names_what_is_missing(detail: str, word: str) -> None:
    assert refused_words(detail)[0] == word


def test_a_refusal_without_quotes_still_leaves_out_what_it_names() -> None:
    def answer(asked: Asked) -> Answer:
        if b"daysuntilnetdue" in asked.body:
            return error(400, "USER_ERROR", "no such column: daysuntilnetdue")
        return page([{"id": "2", "name": "Net 30"}])

    with serving(answer) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        assert len(SYSTEM.read(client, SYSTEM.stream("term"), EVERYTHING, None).records) == 1
        assert len(SYSTEM.find(client, SYSTEM.stream("term"), ["2"]).records) == 1


def test_a_refusal_that_names_nothing_costs_one_optional_part_after_the_other() -> None:
    def answer(asked: Asked) -> Answer:
        if b"LEFT JOIN transactionline" in asked.body:
            return error(400, "INVALID_PARAMETER", "Invalid or unsupported search")
        return page([{"id": "7", "type": "CustInvc"}])

    with serving(answer) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        found = SYSTEM.read(client, SYSTEM.stream("transaction"), EVERYTHING, None)
    # the same once more; subsidiaries go first, the main line that they hang on next, nothing else; the whole once more
    assert (len(found.records), len(server.asked)) == (1, 5)
    bodies = [request.body for request in server.asked]
    assert bodies[0] == bodies[1] == bodies[4]
    assert b"t.voided" in bodies[3]


@pytest.mark.parametrize("act", [SYSTEM.clock, lambda client: SYSTEM.probe(client, None)])
def test_permissions_are_never_mistaken_for_a_quiet_account(act: Callable[[object], object]) -> None:
    with (
        serving(lambda _: error(403, "INSUFFICIENT_PERMISSION", "no")) as server,
        pytest.raises(UnreachableError, match="INSUFFICIENT_PERMISSION"),
    ):
        act(open_suite(server.url))


def test_a_window_of_nothing_is_one_empty_page() -> None:
    with serving(lambda _: page([])) as server:
        client = open_suite(server.url, TIME_ZONE="UTC")
        within = Window(start=EVERYTHING.end, end=EVERYTHING.end, earliest=EVERYTHING.earliest)
        found = SYSTEM.read(client, SYSTEM.stream("transactionaccountingline"), within, None)
        assert (found.records, found.next is not None) == ([], True)
        assert SYSTEM.read(client, SYSTEM.stream("transactionaccountingline"), within, found.next).next is None
