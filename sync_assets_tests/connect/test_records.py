"""Only declared fields are read, and a record of another form than declared gives the same values."""

import pandas as pd
import pytest

from sync_assets.connect.records import Reader
from sync_assets.connect.spec import Column, Mapped
from sync_assets.model.errors import RejectError

OWN = (Column(name="id", path="id"), Column(name="city", path="address.city"), Column(name="tags", path="tags"))
LINE = (Column(name="owner", path="/id"), Column(name="price", path="price.id"), Column(name="sum", path="sum"))


def _same(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


WHOLE = Mapped(entity="invoice", columns=OWN, to=_same)
LINES = Mapped(entity="invoice_line", columns=LINE, to=_same, each="lines.data")


def _read(mapped: Mapped, *raws: bytes) -> list[tuple[object, ...]]:
    reader = Reader([WHOLE, LINES])
    rows = reader.rows(mapped, [reader.read(raw) for raw in raws])
    return list(zip(rows.owners, *(rows.values(column) for column in mapped.columns), strict=True))


def test_values_are_found_at_their_paths_and_absent_ones_are_none() -> None:
    full = b'{"id":"a","address":{"city":"Berlin","zip":"1"},"tags":[{"x":1}],"more":[1,2]}'
    assert _read(WHOLE, full, b'{"id":"b","address":null}') == [(0, "a", "Berlin", [{"x": 1}]), (1, "b", None, None)]


def test_each_element_of_a_list_is_a_row_of_its_record() -> None:
    two = b'{"id":"a","lines":{"data":[{"sum":1,"price":{"id":"p"}},{"sum":2,"price":null}]}}'
    none, one = b'{"id":"b","lines":{"data":[]}}', b'{"id":"c","lines":{"data":[{"sum":3}]}}'
    assert _read(LINES, two, none, one) == [(0, "a", "p", 1), (0, "a", None, 2), (2, "c", None, 3)]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"id":"a","address":"Berlin"}',
        b'{"id":"a","address":[{"city":"Berlin"}]}',
        b'{"id":"a","lines":{"data":"none"}}',
        b'{"id":"a","lines":[]}',
    ],
)
def test_a_record_of_another_form_gives_what_it_has(raw: bytes) -> None:
    assert _read(WHOLE, raw) == [(0, "a", None, None)]
    assert _read(LINES, raw) == []


def test_an_element_of_another_form_is_a_row_without_values() -> None:
    assert _read(LINES, b'{"id":"a","lines":{"data":["x",null]}}') == [(0, "a", None, None), (0, "a", None, None)]


def test_a_place_declared_as_a_value_and_as_an_object_keeps_both() -> None:
    mapped = Mapped(
        entity="invoice", columns=(Column(name="all", path="owner"), Column(name="id", path="owner.id")), to=_same
    )
    reader = Reader([mapped])
    rows = reader.rows(mapped, [reader.read(b'{"owner":{"id":"u"}}')])
    assert [rows.values(column) for column in mapped.columns] == [[{"id": "u"}], ["u"]]


def test_what_is_no_json_is_refused_with_its_reason() -> None:
    with pytest.raises(RejectError) as refused:
        Reader([WHOLE]).read(b'{"id":')
    assert refused.value.reason == "not_json"
