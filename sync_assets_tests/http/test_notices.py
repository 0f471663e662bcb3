"""What a system announces about the end of an API is told once, briefly, and without our credentials."""

import pytest

from sync_assets.http.auth import Bearer
from sync_assets.http.client import NOTICES_MAX, Client
from sync_assets.http.notices import SAID_MAX
from sync_assets_tests.page_server import Answer, serving

RETIRES = "This API is deprecated and will be retired by Summer '29."
ANNOUNCED = {
    "a warning": ({"Warning": f'299 - "{RETIRES}"'}, RETIRES),
    "a warning among others": ({"Warning": f'110 - "stale", 299 acme.example "{RETIRES}"'}, RETIRES),
    # 1767225600 seconds after 1970 is the first day of 2026
    "a deprecation": ({"Deprecation": "@1767225600"}, "deprecated since 2026-01-01"),
    "a deprecation of an older draft": ({"Deprecation": "true"}, "deprecated"),
    "an end": ({"Sunset": "Fri, 01 Jan 2027 00:00:00 GMT"}, "answered until Fri, 01 Jan 2027 00:00:00 GMT"),
}


def _remarks(*answers: Answer) -> list[str]:
    said = list(answers)
    with serving(lambda _asked: said.pop(0)) as server:
        client = Client(system="acme", base_url=server.url, auth=Bearer(token="secret-token-7"), sleep=lambda _s: None)
        for _ in answers:
            client.get("/list")
    return client.remarks


@pytest.mark.parametrize("case", ANNOUNCED)
def test_an_announced_end_is_told_once(case: str) -> None:
    headers, told = ANNOUNCED[case]
    assert _remarks(*[Answer(headers=headers)] * 3) == [f"acme announces an end: {told}"]


@pytest.mark.parametrize(
    "headers", [{}, {"Warning": '199 - "a cache"'}, {"Deprecation": "false"}, {"Warning": "299"}, {"Sunset": ""}]
)
def test_nothing_is_told_where_nothing_ends(headers: dict[str, str]) -> None:
    assert _remarks(Answer(headers=headers)) == []


def test_an_announcement_is_quoted_briefly_a_few_times_and_without_credentials() -> None:
    answers = [
        Answer(headers={"Warning": f'299 - "{number} for Bearer secret-token-7 {"x" * 5000}"'}) for number in range(9)
    ]
    remarks = _remarks(*answers)
    assert len(remarks) == NOTICES_MAX
    assert all(len(remark) < SAID_MAX + 50 and "secret-token-7" not in remark for remark in remarks)
