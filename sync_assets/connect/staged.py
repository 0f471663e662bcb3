"""Rows of an entity in the form that the store stages: one typed Arrow column per field, landed columns filled in.

Not here: how a row came to be (rows.py) and how it is merged (store/copies.py).
"""

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sync_assets.connect.columns import INSTANT
from sync_assets.connect.rows import Living
from sync_assets.model.entities import ENTITIES, Type

_ARROW: dict[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.MINOR: pa.int64(),
    Type.DECIMAL: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.INSTANT: INSTANT,
    Type.DAY: pa.date32(),
    Type.FLAG: pa.bool_(),
}


def to_table(entity: str, rows: pd.DataFrame, living: Living, *, system: str, run_id: str) -> pa.Table:
    """The rows as the store stages them: landed columns filled in, one row per record id, the last one wins."""
    if "record_id" in rows:
        rows = rows.drop_duplicates("record_id", keep="last")
    count = len(rows)
    owners = pa.array([] if rows.empty else rows["owner"].to_numpy(), pa.int64())
    landed = living.landed.take(owners).combine_chunks()
    columns: dict[str, pa.Array] = {
        "system": pa.repeat(system, count),
        "from_record_id": landed["record_id"].combine_chunks(),
        "version_id": landed["version_id"].combine_chunks(),
        "run_id": pa.repeat(run_id, count),
    }
    for name in ("record_id", "version_at", "observed_at", "deleted_at"):
        kind = pa.string() if name == "record_id" else INSTANT
        columns[name] = _array(rows[name], kind) if name in rows else landed[name].combine_chunks()
    for item in ENTITIES[entity].fields:
        kind = _ARROW[item.type]
        present = item.name in rows
        columns[item.name] = _array(rows[item.name], kind, item.type) if present else pa.nulls(count, kind)
    return pa.table(columns)


def _array(column: pd.Series, kind: pa.DataType, type_: Type | None = None) -> pa.Array:
    """One column in the store's type; decimals as their exact text, NUL characters made visible."""
    if type_ is Type.DECIMAL:
        known = column.notna().tolist()
        return pa.array([str(value) if is_known else None for value, is_known in zip(column, known, strict=True)], kind)
    array = pa.array(column, type=kind, from_pandas=True)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_string(kind):
        return pc.replace_substring(array, "\x00", "\\u0000")
    return array
