"""One HTTP conversation: what is retried, what is refused, and where credentials never go."""

import gzip
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from sync_assets.http.auth import Bearer, Login, Signed, Token
from sync_assets.http.client import ATTEMPTS_MAX, LOGIN_ATTEMPTS_MAX, NO_DATA_MAX, Client, login_reply
from sync_assets.http.origin import checked_base, same_origin
from sync_assets.model.errors import ContractError, RetryLaterError, SettingError, UnreachableError
from sync_assets_tests.page_server import Answer, Asked, PageServer, serving


@pytest.fixture
def answers() -> list[Answer]:
    """What the server says next; afterwards it says `{}`."""
    return []


@pytest.fixture
def server(answers: list[Answer]) -> Iterator[PageServer]:
    def answer(_asked: Asked) -> Answer:
        return answers.pop(0) if answers else Answer()

    with serving(answer) as running:
        yield running


def _client(server: PageServer, sleep: Callable[[float], None] = lambda _s: None) -> Client:
    return Client(system="acme", base_url=server.url, auth=Bearer(token="secret-token"), sleep=sleep)


def test_a_rate_limit_waits_as_long_as_the_system_asks(server: PageServer, answers: list[Answer]) -> None:
    waited: list[float] = []
    answers += [Answer(status=429, headers={"Retry-After": "17"})]
    _client(server, waited.append).get("/list")
    assert waited == [17]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 1.0),  # never at once
        ("99999999999999999999", 900.0),  # never longer than a quarter of an hour
        ("Tue, 30 Jun 2026 12:00:30 GMT", 30.0),
        ("Tue, 30 Jun 2026 11:00:00 GMT", 1.0),  # in the past
    ],
)
def test_retry_after_is_obeyed_within_bounds(
    server: PageServer, answers: list[Answer], header: str, seconds: float
) -> None:
    waited: list[float] = []
    date = "Tue, 30 Jun 2026 12:00:00 GMT"
    answers += [Answer(status=429, headers={"Retry-After": header, "Date": date})]
    _client(server, waited.append).get("/list")
    assert waited == [seconds]


@pytest.mark.parametrize("header", [{"Retry-After": "soon"}, {"Retry-After": "-5"}, {}])
def test_a_rate_limit_without_a_readable_delay_backs_off_at_random(
    server: PageServer, answers: list[Answer], header: dict[str, str]
) -> None:
    waited: list[float] = []
    answers += [Answer(status=429, headers=header)] * 3
    _client(server, waited.append).get("/list")
    assert len(waited) == 3
    # the ceiling doubles from half a second: 0.5, 1, 2
    assert all(0 < seconds <= 2 for seconds in waited)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 409, 507, 522, 525, 529, 530])
def test_a_passing_failure_is_tried_again(server: PageServer, answers: list[Answer], status: int) -> None:
    answers += [Answer(status=status, body=b"Bad Gateway"), Answer(body=b'{"fine": true}')]
    assert _client(server).get("/list").json() == {"fine": True}


def test_a_system_that_stays_down_is_left_for_the_next_run(server: PageServer, answers: list[Answer]) -> None:
    answers += [Answer(status=503)] * 50
    with pytest.raises(RetryLaterError, match="run again later"):
        _client(server).get("/list")
    assert len(server.asked) == ATTEMPTS_MAX


@pytest.mark.parametrize(("status", "said"), [(403, "permission"), (501, "501"), (505, "505")])
def test_a_permanent_refusal_is_not_tried_again(
    *, server: PageServer, answers: list[Answer], status: int, said: str
) -> None:
    answers += [Answer(status=status)]
    with pytest.raises(UnreachableError, match=said):
        _client(server).get("/list")
    assert len(server.asked) == 1


def test_a_host_that_is_not_there_is_said_in_one_sentence() -> None:
    client = Client(system="acme", base_url="http://127.0.0.1:9", auth=Bearer(token="t"), sleep=lambda _s: None)
    with pytest.raises(RetryLaterError, match="acme did not answer"):
        client.get("/list")


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"", b'{"cut": ', b'{"a": NaN}', b'"\\ud800"'])
def test_an_answer_that_is_not_json_is_never_taken_for_an_empty_list(
    server: PageServer, answers: list[Answer], body: bytes
) -> None:
    answers += [Answer(body=body, headers={"Content-Type": "text/html"})] * (NO_DATA_MAX + 1)
    with pytest.raises(ContractError, match="not JSON"):
        _client(server).get("/list").json()


def test_a_gateway_s_web_page_passes_by_itself(server: PageServer, answers: list[Answer]) -> None:
    page = Answer(body=b"<html>We are back in a minute</html>", headers={"Content-Type": "text/html; charset=UTF-8"})
    answers += [page, page, Answer(body=b'{"rows": []}')]
    waited: list[float] = []
    assert _client(server, waited.append).get("/list").json() == {"rows": []}
    assert len(waited) == 2


NO_DATA = {
    "an empty body": Answer(body=b""),
    "no content": Answer(body=b"", status=204),
    "JSON that was cut": Answer(body=b'{"data":[{"id":"a'),
    "an opening brace": Answer(body=b"{"),
    "a web page called JSON": Answer(body=b"<html>maintenance</html>"),
    "a web page without a type": Answer(body=b"<html>", headers={"Content-Type": ""}),
    "a web page of XML": Answer(body=b"<html/>", headers={"Content-Type": "application/xhtml+xml"}),
    "a sentence": Answer(body=b"upstream error", headers={"Content-Type": "text/plain"}),
    "a body that is not compressed as it says": Answer(body=b'{"a": 1}', headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("said", NO_DATA)
def test_a_reply_without_data_passes_by_itself(server: PageServer, answers: list[Answer], said: str) -> None:
    answers += [NO_DATA[said], NO_DATA[said], Answer(body=b'\n {"rows": []}\r\n')]
    waited: list[float] = []
    assert _client(server, waited.append).get("/list").json() == {"rows": []}
    assert len(waited) == 2


@pytest.mark.parametrize("said", NO_DATA)
def test_a_reply_that_stays_without_data_breaks_the_contract(
    server: PageServer, answers: list[Answer], said: str
) -> None:
    answers += [NO_DATA[said]] * ATTEMPTS_MAX
    with pytest.raises(ContractError):
        _client(server).get("/list").json()
    assert len(server.asked) == NO_DATA_MAX + 1


@pytest.mark.parametrize("said", [Answer(body=b""), Answer(body=b"<html>")])
def test_a_table_that_is_none_is_asked_for_again(server: PageServer, answers: list[Answer], said: Answer) -> None:
    answers += [said, Answer(body=b'"Id","Name"\n', headers={"Content-Type": "text/csv"})]
    assert _client(server).get("/rows", headers={"Accept": "text/csv"}).body == b'"Id","Name"\n'
    assert len(server.asked) == 2


def test_a_deletion_that_is_answered_with_nothing_is_not_repeated(server: PageServer, answers: list[Answer]) -> None:
    answers += [Answer(status=204, body=b"")]
    _client(server).delete("/job")
    assert len(server.asked) == 1


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync_assets.http.retry.BACKOFF_FIRST_S", 0.001)


@pytest.mark.usefixtures("impatient")
def test_a_login_outlasts_a_busy_token_endpoint(server: PageServer, answers: list[Answer]) -> None:
    answers += [Answer(status=503, body=b"<html>"), Answer(status=429), Answer(status=500), Answer(body=b'{"a": 1}')]
    assert login_reply("acme", server.url + "/token", {"grant_type": "x"}).json() == {"a": 1}
    assert {asked.body for asked in server.asked} == {b"grant_type=x"}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("said", "sent"),
    [
        (Answer(status=503), LOGIN_ATTEMPTS_MAX),
        (Answer(status=429, headers={"Retry-After": "600"}), 1),
        (Answer(status=400, body=b'{"error": "invalid_grant"}'), 1),
        (Answer(status=401), 1),
    ],
)
def test_a_login_that_stays_refused_is_answered_with_what_was_said(
    server: PageServer, answers: list[Answer], said: Answer, sent: int
) -> None:
    answers += [said] * 10
    assert login_reply("acme", server.url + "/token", {}).status == said.status
    assert len(server.asked) == sent


@pytest.mark.usefixtures("impatient")
def test_a_login_to_a_host_that_is_not_there_ends_and_says_so() -> None:
    with pytest.raises(UnreachableError, match="acme cannot be reached for a login"):
        login_reply("acme", "http://127.0.0.1:9/token", {})


def test_a_compressed_bomb_is_cut_off(server: PageServer, answers: list[Answer]) -> None:
    # 80 MB of zeros shrink to 80 kB; the limit of a reply is 64 MB
    bomb = gzip.compress(b"0" * (80 << 20), compresslevel=9)
    answers += [Answer(body=bomb, headers={"Content-Encoding": "gzip"})]
    with pytest.raises(ContractError, match="more than 64 MB"):
        _client(server).get("/list")


def test_a_compressed_bomb_behind_a_redirect_is_cut_off_before_it_unfolds(
    server: PageServer, answers: list[Answer]
) -> None:
    # 256 MB of zeros shrink to 256 kB
    bomb = gzip.compress(b"0" * (256 << 20), compresslevel=1)
    answers += [Answer(status=302, body=bomb, headers={"Content-Encoding": "gzip", "Location": "/elsewhere"})]
    client = _client(server)
    tracemalloc.start()
    try:
        with pytest.raises(ContractError, match="more than 64 MB"):
            client.get("/list")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 128 << 20


@pytest.mark.parametrize("location", ["http://[::1", "http://h:99999999/", "", "http://a b/"])
def test_a_redirect_to_nowhere_is_refused_like_any_other(
    server: PageServer, answers: list[Answer], location: str
) -> None:
    answers += [Answer(status=302, headers={"Location": location})]
    with pytest.raises(UnreachableError, match="redirects are not followed"):
        _client(server).get("/list")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_takes_no_credentials_along(
    server: PageServer, answers: list[Answer], status: int
) -> None:
    with serving(lambda _asked: Answer()) as elsewhere:
        answers += [Answer(status=status, headers={"Location": elsewhere.url + "/list"})]
        with pytest.raises(UnreachableError):
            _client(server).get("/list")
        assert elsewhere.asked == []


ELSEWHERE = [
    "https://evil.example/list",
    "http://127.0.0.1:1/list",
    "//evil.example/list",
    "http://user:pw@127.0.0.1/list",
    "http://127.0.0.1@evil.example/list",
    "http://[::1]/list",
    "http://2130706433/list",
    "http://169.254.169.254/latest/meta-data",
    "https://127.0.0.1/list",
    "ftp://127.0.0.1/list",
    "file:///etc/passwd",
    "http://127.0.0.1:99999/list",
    "http://127.0.0.1\\@evil.example/",
    "http://evil.example\t/list",
    "javascript://127.0.0.1/list",
]


@pytest.mark.parametrize("link", ELSEWHERE)
def test_a_link_to_another_origin_is_never_asked_for(server: PageServer, link: str) -> None:
    with pytest.raises(ContractError):
        _client(server).get(link)
    assert server.asked == []


def test_a_link_of_the_same_origin_is_followed(server: PageServer) -> None:
    _client(server).get(server.url + "/next?page=2")
    assert server.asked[0].path == "/next"
    assert same_origin("https://a.example/base", "/next") == "https://a.example/base/next"


@pytest.mark.parametrize("url", ["http://example.com", "example.com", "ftp://x", "https://", "https://u:p@x.example"])
def test_a_base_url_must_be_https_or_loopback(url: str) -> None:
    with pytest.raises(SettingError, match="SYNC_ACME_URL"):
        checked_base(url, "SYNC_ACME_URL")


def test_an_expired_token_is_renewed_once_and_the_page_asked_again(server: PageServer, answers: list[Answer]) -> None:
    tokens = iter(["old", "new", "newer"])
    client = Client(
        system="acme",
        base_url=server.url,
        auth=Login(fetch=lambda: Token(access_token=next(tokens))),
        sleep=lambda _s: None,
    )
    answers += [Answer(status=401), Answer(body=b'{"fine": 1}')]
    assert client.get("/list").json() == {"fine": 1}
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer old", "Bearer new"]


def test_credentials_that_stay_refused_are_named_without_their_value(server: PageServer, answers: list[Answer]) -> None:
    answers += [Answer(status=401)] * 5
    with pytest.raises(UnreachableError, match="SYNC_ACME_") as caught:
        _client(server).get("/list")
    assert "secret-token" not in str(caught.value)
    assert len(server.asked) == 1


def test_a_token_based_request_is_signed_with_hmac_sha256(server: PageServer) -> None:
    auth = Signed(consumer_key="ck", consumer_secret="cs", token_id="ti", token_secret="ts", realm="123456_SB1")
    Client(system="acme", base_url=server.url, auth=auth).post("/query", {"q": "SELECT 1"}, params=[("limit", 5)])
    signature = server.asked[0].headers["authorization"]
    assert 'realm="123456_SB1"' in signature
    assert 'oauth_signature_method="HMAC-SHA256"' in signature


def test_secrets_do_not_show_when_objects_are_printed(server: PageServer) -> None:
    client = _client(server)
    signed = Signed(consumer_key="ck", consumer_secret="s3cr3t", token_id="ti", token_secret="s3cr3t", realm="1")
    assert "secret-token" not in repr(client)
    assert "s3cr3t" not in repr(signed)
