"""What people see: the Dagster UI in a real browser, on a company with breaks, with the daemon at work.

With SHOTS=docs in the environment the pictures of the documents are taken anew: `SHOTS=docs pytest -m browser`.
"""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

import pytest
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect, sync_playwright

from sync_assets.definitions import SYSTEMS
from sync_assets.operate.asked import Days
from sync_assets.operate.backfills import follow, launch
from sync_assets.operate.services import Services, services
from sync_assets_tests.graph.company import Company, company

pytestmark = [pytest.mark.browser, pytest.mark.company, pytest.mark.timeout(600)]

READ = ("chargebee", "netsuite")
"""Enough for breaks between billing and ERP; the others stay unconfigured, and their sensors say so."""

Keep: TypeAlias = Callable[[str, FloatRect], None]

NEW_NAME = "Tidewater Instruments Ltd"
PICTURE_BYTES_MAX = 400_000
WIDE = ViewportSize(width=1280, height=860)
WIDER = ViewportSize(width=3000, height=2000)
"""From here on a lineage is drawn with every detail of its nodes."""

AROUND = (
    *(f"canonical/{system}/{entity}" for system in READ for entity in ("invoice", "credit_note")),
    "reconciled/verdicts",
    "reconciled/billing_to_erp",
    "integrity/breaks",
    "integrity/quote_to_cash",
)
"""The part of the lineage that is looked at: both copies of what is sold, where they are compared, what comes of it."""

PATIENCE_S = 240
"""How long a run may take from its request to its end: a process of its own on a busy machine."""

expect.set_options(timeout=30_000)


@dataclass(kw_only=True)
class Stage:
    """A company with breaks, Dagster's services beside it, and what was set going there."""

    company: Company
    services: Services
    customer: str
    days: Days
    backfill_id: str = ""
    progress: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.fail("Chromium is missing; install it with `apt-get install chromium`.", pytrace=False)
    return found


@pytest.fixture(scope="module")
def stage(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two passes with a day of business between them, then web server and daemon as in `sync-assets dev`."""
    with company(tmp_path_factory.mktemp("browser")) as living:
        for name in {system.name for system in SYSTEMS}.difference(READ):
            for setting in [setting for setting in os.environ if setting.startswith(f"SYNC_{name.upper()}_")]:
                del os.environ[setting]
        living.sync(*READ)
        living.sandbox.day_of_business()
        living.sync(*READ)
        for name in READ:
            living.tick(f"{name}_changes")  # the passes have read what these see: the daemon starts with nothing to do
        today = living.sandbox.clock.now().date()
        with services(web=True, port=0) as running:
            yield Stage(
                company=living,
                services=running,
                customer=living.sandbox.census()["chargebee"]["customers"][1],
                days=Days(first=today - timedelta(days=4), last=today - timedelta(days=2)),
            )


@pytest.fixture(scope="module")
def moved(stage: Stage) -> Stage:
    """The same after a backfill of three past days was launched, and a customer renamed at the vendor."""
    (system,) = (item for item in SYSTEMS if item.name == "chargebee")
    stage.backfill_id = launch(stage.services.workspace, system, ["customers"], stage.days)
    stage.company.sandbox.chargebee.put("customers", {"id": stage.customer, "company": NEW_NAME})
    return stage


@pytest.fixture
def page(stage: Stage, chromium: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=quiet)
        opened = browser.new_page(viewport=WIDE, device_scale_factor=1.5, base_url=stage.services.web_url)
        opened.goto("/locations")
        opened.get_by_text("Hide navigation").click()
        yield opened
        browser.close()


@pytest.fixture
def keep(page: Page, tmp_path: Path) -> Keep:
    """Take a picture of a part of the page, light enough for a document."""

    def take(name: str, part: FloatRect) -> None:
        path = Path(os.environ.get("SHOTS", tmp_path)) / f"{name}.png"
        page.screenshot(path=path, clip=part)
        assert 10_000 < path.stat().st_size < PICTURE_BYTES_MAX

    return take


def _around(parts: Locator, *, margin: float) -> FloatRect:
    """The rectangle that holds all of them."""
    boxes = [box for part in parts.all() if (box := part.bounding_box())]
    left, top = min(box["x"] for box in boxes) - margin, min(box["y"] for box in boxes) - margin
    return {
        "x": left,
        "y": top,
        "width": max(box["x"] + box["width"] for box in boxes) + margin - left,
        "height": max(box["y"] + box["height"] for box in boxes) + margin - top,
    }


def _down_to(part: Locator) -> FloatRect:
    """The page from its top to the bottom of a part."""
    box = part.bounding_box()
    assert box is not None
    return {"x": 0, "y": 0, "width": WIDE["width"], "height": min(box["y"] + box["height"] + 24, WIDE["height"])}


def test_the_lineage_is_red_at_the_hop(page: Page, keep: Keep) -> None:
    page.set_viewport_size(WIDER)
    asked = " or ".join(f'key:"{key}"' for key in AROUND)
    groups = ",".join(f"global@global:{group}" for group in ("canonical", "reconciled", "integrity"))
    page.goto(f"/asset-groups~{quote(asked, safe='')}/?expanded={groups}")
    nodes = page.locator("foreignObject:has([data-tooltip])")
    hop = nodes.filter(has=page.locator("[data-tooltip=billing_to_erp]"))
    expect(hop).to_contain_text(re.compile(r"\d+ / \d+ Passed"))
    expect(page.get_by_text("Loading...")).to_have_count(0)
    red = page.locator("foreignObject:has([style*=background-red]) [data-tooltip]")
    assert "billing_to_erp" in red.evaluate_all("found => found.map(one => one.dataset.tooltip)")
    keep("lineage", _around(nodes, margin=60))


def test_a_red_check_explains_every_break_of_its_class(page: Page, stage: Stage, keep: Keep) -> None:
    page.goto("/assets/reconciled/billing_to_erp?view=checks&checkDetail=F51")
    table = page.locator("table").filter(has_text="expected").last
    expect(table).to_be_visible()
    expect(page.get_by_text("Failed").first).to_be_visible()
    expect(page.get_by_text("Look why the posting failed")).to_be_visible()
    assert table.locator("th").all_inner_texts() == [
        "record", "expected", "found", "at risk", "since", "assigned to", "break",
    ]  # fmt: skip
    listed = {row.locator("td").first.inner_text() for row in table.locator("tbody tr").all()}
    query = "SELECT entity_id FROM integrity.breaks WHERE class = 'F51' AND closed_at IS NULL AND caused_by IS NULL"
    assert listed == {entity for (entity,) in stage.company.rows(query)} != set()
    keep("check", _down_to(table))


def test_a_change_at_the_vendor_arrives_through_a_run_that_its_sensor_launched(
    page: Page, moved: Stage, keep: Keep
) -> None:
    query = "SELECT name FROM canonical.customer WHERE system = 'chargebee' AND record_id = :id"
    until = time.monotonic() + PATIENCE_S
    while moved.company.rows(query, id=moved.customer) != [(NEW_NAME,)] and time.monotonic() < until:
        time.sleep(0.5)
    assert moved.company.rows(query, id=moved.customer) == [(NEW_NAME,)]
    page.goto("/locations/sync_assets/sensors/chargebee_changes")
    succeeded = page.locator("[aria-label=run_success]")
    tick = page.locator("tr").filter(has_text="1 run requested").filter(has=succeeded).first
    expect(tick).to_be_visible()
    keep("sensor", _down_to(tick))


def test_a_backfill_of_three_past_days_is_seen_finished(page: Page, moved: Stage, keep: Keep) -> None:
    assert follow(moved.backfill_id, moved.progress.append), moved.progress
    page.goto(f"/runs/b/{moved.backfill_id}")
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()
    expect(page.get_by_text(f"{moved.days.first}...{moved.days.last}")).to_be_visible()
    cells = page.locator("[class*=VirtualizedTable_cellBox]")
    # Targeted, in progress, succeeded, failed.
    assert cells.all_inner_texts()[-4:] == ["3", "0", "3", "0"]
    keep("backfill", _down_to(cells.last))
