"""The picture of a trace: well-formed, readable, the same every time, and red where the truth was lost."""

from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sync_assets.integrity.picture import WIDTH, picture
from sync_assets.integrity.trace import Trace, trace
from sync_assets_tests.operate.shell import saying
from sync_assets_tests.reconcile.books import SYSTEMS, Books

SVG = "{http://www.w3.org/2000/svg}"
RED = "#c0182b"
PICTURE = Path(__file__).parents[2] / "docs" / "trace.svg"


def _event(number: int, words: str = "invoice issued") -> dict[str, Any]:
    at = f"2025-01-01T{number // 60:02}:{number % 60:02}:00Z"
    return {"at": at, "system": "chargebee", "record_id": "1", "event": words, "changes": {}, "run_id": None}


def _trace(*events: dict[str, Any]) -> Trace:
    copies = [{"system": "chargebee", "record_id": "1", "currency": "EUR"}]
    return Trace(entity="invoice", copies=copies, timeline=list(events), breaks=[])


def _texts(drawn: str) -> list[ET.Element]:
    return list(ET.fromstring(drawn).iter(f"{SVG}text"))  # noqa: S314 - our own output


def _words(drawn: str) -> list[str]:
    return [found.text or "" for found in _texts(drawn)]


def test_the_divergence_is_red_and_names_class_hop_and_money_and_lanes_follow_the_truth(expanded: Books) -> None:
    expanded.judge()
    found = trace(expanded.store, "invoice", "1042", SYSTEMS)
    drawn = picture(found, SYSTEMS)
    (row,) = found.breaks
    red = " ".join(each.text or "" for each in _texts(drawn) if each.get("fill") == RED)
    assert f"{row['class']} at {row['first_divergence']['hop']}:" in red
    assert row["currency"] in red
    heads = [each for each in _texts(drawn) if each.get("y") == "88"]
    lanes = [each.text for each in sorted(heads, key=lambda each: int(each.get("x", "0")))]
    assert lanes == ["salesforce", "chargebee", "netsuite", "product"]
    assert drawn == picture(trace(expanded.store, "invoice", "1042", SYSTEMS), SYSTEMS)


def test_the_picture_in_the_documents_is_what_the_command_draws(expanded: Books, tmp_path: Path) -> None:
    expanded.judge()
    drawn = tmp_path / "trace.svg"
    drawn.write_text(picture(trace(expanded.store, "invoice", "1042", SYSTEMS), SYSTEMS), encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == drawn.read_text(encoding="utf-8"), f"copy {drawn} to {PICTURE}"


def test_the_command_prints_the_picture_and_nothing_else(
    expanded: Books, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = saying(capsys, monkeypatch)("trace", "invoice", "1042", "--format", "svg")
    assert told.code == 0
    assert ET.fromstring(told.out).tag == f"{SVG}svg"  # noqa: S314 - our own output
    assert "invoice 1042 issued over 119.00 EUR, drawn from 20 x 5 EUR" in _words(told.out)


def test_one_event_is_one_mark() -> None:
    root = ET.fromstring(picture(_trace(_event(1)), SYSTEMS))  # noqa: S314 - our own output
    assert len(list(root.iter(f"{SVG}circle"))) == 1


def test_of_500_events_the_first_six_and_the_last_eighteen_are_drawn() -> None:
    drawn = picture(_trace(*(_event(number) for number in range(500))), SYSTEMS)
    # 500 - 6 - 18 = 476
    assert "and 476 more" in _words(drawn)
    assert _words(drawn).count("invoice issued") == 24


def test_what_a_vendor_wrote_stays_text() -> None:
    hostile = '</text><script>alert(1)</script> & "quoted" \x00\x1b ]]>'
    words = _words(picture(_trace(_event(1, hostile)), SYSTEMS))
    assert '</text><script>alert(1)</script> & "quoted" \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} ]]>' in words


def test_labels_never_overlap_and_end_inside_the_picture() -> None:
    long = "very long words about one amendment " * 12
    found = _texts(picture(_trace(*(_event(number, long) for number in range(30))), SYSTEMS))
    places = [(int(each.get("x", "0")), int(each.get("y", "0")), each.text or "") for each in found]
    for column in {x for x, _, _ in places}:
        down = sorted(y for x, y, _ in places if x == column)
        assert all(after - before >= 17 for before, after in pairwise(down))
    # a bold letter of the widest usual sans-serif face at 14 px is 8.3 px wide in the mean, as Chromium draws it
    assert all(x + 8.3 * len(words) <= WIDTH for x, y, words in places if y > 118)
