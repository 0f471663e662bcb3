"""One unreadable token in a page costs one record; a page that is no page stays refused."""

from typing import Any

import msgspec
import pytest

from sync_assets.http.envelope import SIGN, decode_envelope, is_signed, restored


class Rows(msgspec.Struct):
    rows: list[msgspec.Raw]
    more: bool
    cursor: str | None = None


UNREADABLE = {
    "lone high surrogate": rb'"a \ud800 b"',
    "lone low surrogate": rb'"\udc00"',
    "two high surrogates": rb'"\ud83d\ud83d"',
    "not a number": b"NaN",
    "infinite": b"-Infinity",
    "no such escape": rb'"\x41"',
    "a bare control character": b'"a\x01b"',
    "a nest without end": b"[" * 5_000 + b'"\\ud800"' + b"]" * 5_000,
}


@pytest.mark.parametrize("token", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_the_other_rows_are_read_and_the_bad_one_keeps_its_bytes(token: bytes) -> None:
    rows = [b'{"id":1,"name":"NaN is a word, \\ud83d\\ude00 too"}', b'{"id":2,"name":' + token + b"}", b'{"id":3}']
    page = decode_envelope(b'{"rows":[' + b", ".join(rows) + b'],"more":true}', Rows)
    assert [restored(bytes(row)) for row in page.rows] == rows
    assert bytes(page.rows[0]) == rows[0], "only the bad row is touched"
    assert msgspec.json.decode(page.rows[1])["id"] == 2, "the bad row still says which one it is"
    assert page.more


@pytest.mark.parametrize(
    "body",
    [b'{"rows":[],"more":NaN}', b'{"rows":[{"id":NaN}', b'{"rows":[NaN}', b"<html>NaN</html>", b'"\\ud800'],
)
def test_an_envelope_that_cannot_be_trusted_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_envelope(body, Rows)


def test_a_cursor_made_of_unreadable_text_is_told() -> None:
    page = decode_envelope(b'{"rows":[],"more":true,"cursor":"\\udfff"}', Rows)
    assert is_signed(page.cursor)
    assert not is_signed("ch_1 1700000000")
    assert not is_signed(None)


def test_a_text_that_looks_like_a_sign_of_another_process_is_left_alone() -> None:
    forged = b'{"name":"unreadable 000000000000000000000000 4e614e"}'
    assert SIGN.encode() not in forged
    assert restored(forged) == forged


def test_numbers_stay_exact() -> None:
    decoded = decode_envelope(b'{"amount":0.1000,"rate":NaN}', dict[str, Any])
    assert str(decoded["amount"]) == "0.1000"
