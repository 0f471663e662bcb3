"""A record taken apart at its top level is trusted no more than one decoded whole."""

import pytest

from sync_assets.connect.decode import take_apart
from sync_assets.model.errors import RejectError


def test_the_order_of_fields_and_the_blanks_between_them_mean_nothing() -> None:
    one = take_apart(b'{"id": "a", "total": 12.50, "paid": true}')
    other = take_apart(b'{"total":12.50,"paid":true,"id":"a"}')
    assert one.content_hash == other.content_hash
    assert (one.names, one.kinds) == (other.names, other.kinds) == (("id", "paid", "total"), b'"tn')


def test_how_a_text_is_escaped_and_an_object_laid_out_means_nothing() -> None:
    one = take_apart(b'{"memo": "caf\\u00e9", "owner": {"id": "u", "names": ["A", "B"]}}')
    other = take_apart('{"memo":"café","owner":{"id":"u","names":["A","B"]}}'.encode())
    assert one.content_hash == other.content_hash


def test_a_value_that_moved_to_another_field_is_another_content() -> None:
    assert take_apart(b'{"a":1,"b":2}').content_hash != take_apart(b'{"a":2,"b":1}').content_hash
    assert take_apart(b'{"a":1,"b":2}').content_hash != take_apart(b'{"a":1,"c":2}').content_hash


def test_every_json_type_is_told_apart() -> None:
    kinds = take_apart(b'{"a":"x","b":-1,"c":0.5,"d":false,"e":null,"f":[],"g":{}}').kinds
    assert kinds == b'"nntN[{'


def test_an_empty_record_has_no_fields() -> None:
    assert take_apart(b"{}").names == ()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"id":"a","lines":[{"sum":1,"sum":2}]}', "dup_key"),
        (b'{"id":"a","total":NaN}', "not_finite"),
        (b'{"id":"a","memo":"\xff"}', "encoding"),
        (b'{"id":"a","deep":' + b"[" * 65 + b"]" * 65 + b"}", "depth"),
        (b'{"id":"a"', "not_json"),
        (b'["a"]', "type"),
        (b'"a"', "type"),
        (b'{"id":"' + b"a" * 4_200_000 + b'"}', "too_large"),
    ],
)
def test_a_record_is_refused_for_what_is_wrong_at_any_depth(raw: bytes, reason: str) -> None:
    # a form that was proven before must not open the door for one that is wrong
    take_apart(b'{"id":"a","lines":[{"sum":1}]}')
    with pytest.raises(RejectError) as refused:
        take_apart(raw)
    assert refused.value.reason == reason
