"""Bad records among good ones: set aside alone, byte for byte, and read again once the vendor has mended them."""

from typing import Any

import pytest

from sync_assets.sandbox import faults
from sync_assets_tests.scenarios.cast import CAST, Player
from sync_assets_tests.scenarios.conftest import Play
from sync_assets_tests.scenarios.scene import Scene

BAD: dict[str, bytes] = {
    "encoding": b'"\xff\xfe"',
    "depth": b"[" * 80 + b"]" * 80,
    "dup_key": b'{"a":1,"a":2}',
    "encoding of a lone surrogate": rb'"\ud800 alone"',
    "not_finite": b"NaN",
    "not_finite infinity": b"-Infinity",
    "depth without end": b"[" * 5_000 + b"]" * 5_000,
}
"""What replaces a text of a record on its way to us, by the reason (the first word) for which it is set aside."""

ODD = (
    "NUL \x00 inside",
    "'; DROP TABLE raw.version; --",
    "O\\'Brien\\\\",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "\u202eRTL \u200b\ufeff \ufffe",
    "e\u0301 and \u00e9",
    "null",
    "  spaces  ",
    "\U0001f600\t\r\n",
    "x" * 100_000,
    "10,5 %_%",
)
"""Texts that are nobody's mistake and must arrive as they are."""


def put(scene: Scene, player: Player, text: str, number: int) -> str:
    """A new record with such a text; its id in the census."""
    before = set(scene.vendor.census()[player.stream])
    fields: dict[str, Any] = {**player.first(scene.vendor, number), player.text: text}
    scene.vendor.put(player.stream, fields)
    (added,) = set(scene.vendor.census()[player.stream]) - before
    return str(added)


def corrupted(body: bytes) -> bytes:
    """The body with every marked text replaced by what a strict reader refuses."""
    for reason, value in BAD.items():
        body = body.replace(f'"bad {reason}"'.encode(), value)
    return body


@pytest.mark.parametrize("vendor", CAST)
def test_a_bad_record_is_set_aside_with_its_bytes_and_the_others_go_on(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    bad = {reason: put(scene, player, f"bad {reason}", number) for number, reason in enumerate(BAD)}
    scene.clock.advance(minutes=1)
    scene.disturb(faults.rewrite(corrupted))
    scene.read(player.stream)
    assert scene.differences(player.stream) == {player.stream: (sorted(bad.values()), [])}
    letters = [(reason, content) for _, reason, content in scene.dead_letters()]
    assert sorted(reason for reason, _ in letters) == sorted(reason.split()[0] for reason in BAD)
    for reason, value in BAD.items():
        assert (reason.split()[0], True) in [(kept, value in content) for kept, content in letters]
    scene.disturb()
    scene.clock.advance(minutes=1)
    scene.read(player.stream)
    assert scene.differences(player.stream) == {}


@pytest.mark.parametrize("vendor", CAST)
def test_a_bad_record_becomes_one_dead_letter_however_often_it_is_read(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    put(scene, player, "bad depth", 1)
    scene.disturb(faults.rewrite(corrupted))
    for _ in range(3):
        scene.clock.advance(minutes=1)
        scene.read(player.stream)
    assert scene.count("sync.dead_letter") == 1


@pytest.mark.parametrize("vendor", CAST)
def test_odd_texts_arrive_as_they_were_written(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    texts = {put(scene, player, text, number): text for number, text in enumerate(ODD)}
    scene.clock.advance(minutes=1)
    scene.read(player.stream)
    assert scene.differences(player.stream) == {}
    assert scene.count("sync.dead_letter") == 0
    if player.entity:
        scene.conform()
        kept = {record_id: scene.copy(player.entity, record_id)["name"] for record_id in texts}
        # A database text holds no NUL: it is written out.
        assert kept == {record_id: text.replace("\x00", "\\u0000") for record_id, text in texts.items()}


@pytest.mark.parametrize("vendor", CAST)
def test_a_field_that_is_new_gone_or_retyped_stops_nothing_and_is_reported(play: Play, vendor: str) -> None:
    player = CAST[vendor]
    scene = play(player.make)
    scene.read(player.stream)
    scene.clock.advance(days=1)
    for record_id in scene.vendor.census()[player.stream][:40]:
        scene.vendor.put(player.stream, {player.key: player.number(record_id), player.text: "changed"})
    scene.clock.advance(minutes=1)
    field = player.text.encode()
    scene.disturb(faults.rewrite(lambda body: body.replace(b'"' + field + b'":"changed"', b'"brand_new":[1]')))
    (outcome,) = scene.read(player.stream)
    assert scene.differences(player.stream) == {}
    assert ("added", "brand_new") in {(found.kind, found.field) for found in outcome.findings}
