"""The asset graph as others rely on it: names, layers, light loading, sensors and schedules that run."""

import json
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from sync_assets.definitions import SYSTEMS, graph

SNAPSHOT = Path(__file__).with_name("graph.txt")


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return graph()


def _lines(definitions: dg.Definitions) -> list[str]:
    """Every asset with what it depends on, one line each."""
    nodes = definitions.resolve_asset_graph()
    return [
        f"{key.to_user_string()} <- {', '.join(sorted(map(dg.AssetKey.to_user_string, nodes.get(key).parent_keys)))}"
        for key in sorted(nodes.get_all_asset_keys())
    ]


def test_the_graph_is_the_reviewed_one(definitions: dg.Definitions) -> None:
    """A change of keys or dependencies is a change of our interface: look at it, then write the snapshot anew."""
    assert _lines(definitions) == SNAPSHOT.read_text().splitlines()


def test_jobs_sensors_and_schedules_bear_their_names(definitions: dg.Definitions) -> None:
    jobs = {job.name for job in definitions.jobs or ()}
    assert {f"sync_{system.name}" for system in SYSTEMS} | {"sync", "conform", "reconcile"} <= jobs
    sensors = {sensor.name for sensor in definitions.sensors or ()}
    wanted = {f"{system.name}_changes" for system in SYSTEMS} | {
        "pending_reconciliation",
        "pending_copies",
        "heartbeat",
    }
    assert wanted <= sensors
    assert {item.name for item in definitions.schedules or ()} >= {
        "hourly_sync",
        "nightly_completeness",
        "month_end_close",
    }


def test_sensors_and_schedules_run_unless_somebody_stops_them(definitions: dg.Definitions) -> None:
    assert all(item.default_status.value == "RUNNING" for item in definitions.sensors or ())
    assert all(item.default_status.value == "RUNNING" for item in definitions.schedules or ())


def test_every_asset_says_what_it_is_and_who_owns_it(definitions: dg.Definitions) -> None:
    nodes = definitions.resolve_asset_graph()
    bare = [
        key.to_user_string()
        for key in nodes.get_all_asset_keys()
        if not (nodes.get(key).description and nodes.get(key).owners and nodes.get(key).group_name)
    ]
    assert not bare, f"without description, owner or group: {bare}"


def test_every_raw_and_canonical_asset_has_a_blocking_gate(definitions: dg.Definitions) -> None:
    nodes = definitions.resolve_asset_graph()
    gated = {check.asset_key for check in nodes.asset_check_keys if check.name == "gate"}
    layers = {key for key in nodes.get_all_asset_keys() if key.path[0] in {"raw", "canonical"}}
    assert layers <= gated


def test_the_code_location_loads_light() -> None:
    """Pandas and Great Expectations load where work starts, never with the graph."""
    program = (
        "import json, resource, sys, time\n"
        "from sync_assets.definitions import graph\n"
        "graph().get_repository_def()\n"
        "heavy = [name for name in ('pandas', 'great_expectations', 'pyarrow', 'numpy') if name in sys.modules]\n"
        "print(json.dumps({'heavy': heavy}))\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout.strip().splitlines()[-1]) == {"heavy": []}
