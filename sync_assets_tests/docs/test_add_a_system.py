"""docs/add-a-system.md works as written."""

import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy import text

from sync_assets.connect.assets import system_assets
from sync_assets.connect.read_run import Order, conform_entity, read_stream
from sync_assets.store.engine import Store
from sync_assets_tests.page_server import Answer, Asked, serving

PAGE = Path(__file__).parents[2] / "docs" / "add-a-system.md"


def _example() -> dict[str, Any]:
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert code is not None
    scope: dict[str, Any] = {"__name__": "acme"}
    exec(compile(code.group(1), str(PAGE), "exec"), scope)  # noqa: S102 - our own document
    return scope


def test_the_smallest_system_of_the_document_reads_and_maps(store: Store, monkeypatch: Any) -> None:
    system = _example()["SYSTEM"]
    names = [f"c{number}" for number in range(5)]

    def answer(asked: Asked) -> Answer:
        start = names.index(asked.query["after"]) + 1 if "after" in asked.query else 0
        rows = [{"id": name, "name": name.upper()} for name in names[start : start + 2]]
        return Answer(body=json.dumps({"data": rows, "has_more": start + 2 < len(names)}).encode())

    with serving(answer) as server:
        monkeypatch.setenv("SYNC_ACME_URL", server.url)
        monkeypatch.setenv("SYNC_ACME_API_KEY", "key")
        figures = read_stream(store, system, system.streams[0], Order(run_id="r", mode="sync"))
        conform_entity(store, system, "customer", "r", system.streams)
    # 5 customers in pages of 2
    assert (figures["rows read"], figures["pages"]) == (5, 3)
    with store.begin() as connection:
        found = connection.execute(text("SELECT name FROM canonical.customer ORDER BY 1")).scalars().all()
    assert list(found) == ["C0", "C1", "C2", "C3", "C4"]


def test_its_assets_and_gates_follow_from_the_spec() -> None:
    assets = system_assets(_example()["SYSTEM"])
    keys = {key.to_user_string() for item in assets for key in getattr(item, "keys", [])}
    assert {"raw/acme/customers", "canonical/acme/customer"} <= keys
