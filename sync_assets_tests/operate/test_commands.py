"""Commands against simulated vendors: settings that fit, what exit codes mean, help that names every command."""

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from sync_assets.cli import app
from sync_assets.reconcile.rules import RULES
from sync_assets.sandbox.vendors.product import Product
from sync_assets.store.engine import Store
from sync_assets_tests.operate.conftest import Serve
from sync_assets_tests.operate.shell import Say

pytestmark = pytest.mark.company


def test_the_served_sandbox_prints_settings_that_other_commands_accept(
    store: Store, home: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    serving = subprocess.Popen(
        [sys.executable, "-m", "sync_assets.cli", "sandbox", "serve", "--customers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert serving.stdout is not None
        for line in iter(serving.stdout.readline, ""):
            name, value = re.fullmatch(r"export (\w+)='([^']*)'\n", line).groups()  # type: ignore[union-attr]
            monkeypatch.setenv(name, value)
            if name == "SYNC_PRODUCT_API_KEY":
                break
        told = say("doctor")
        assert told.code == 0, told
        assert told.out.count("logged in with") == 5
    finally:
        serving.terminate()
        serving.wait(10)
        if serving.stdout is not None:
            serving.stdout.close()


@pytest.mark.parametrize("class_", ["F41", "F106", "f51"])
def test_of_any_class_of_the_catalogue_the_breaks_are_listed_even_where_there_can_be_none(
    store: Store, home: Path, say: Say, class_: str
) -> None:
    told = say("breaks", "--class", class_, "--format", "json")
    assert (told.code, told.out.strip()) == (0, "[]")


def test_a_run_says_which_systems_it_leaves_out(store: Store, home: Path, say: Say, serve: Serve) -> None:
    serve(Product)
    told = say("run")
    assert told.sentence.count("skipped, it is not configured") == 4
    assert "stripe: skipped, it is not configured (SYNC_STRIPE_URL and credentials)" in told.sentence
    assert "skipped" not in say("run", "--system", "product").sentence


def test_doctor_looks_at_everything_and_says_what_is_not_set_up(store: Store, home: Path, say: Say) -> None:
    told = say("doctor")
    assert told.code == 0, "nothing configured is nothing wrong"
    assert "ok database" in told.out
    assert told.out.count("not configured") == 5
    assert "sensors: never started" in told.out


def test_a_full_run_judges_everything_again_and_says_how_far_it_is(
    store: Store, home: Path, say: Say, serve: Serve
) -> None:
    serve(Product)
    said = f"verdicts: 20 of {len(RULES)} rules judged, 0 breaks opened"
    assert said in say("run").sentence, "nothing was judged before"
    assert "rules judged" not in say("run").sentence, "only what changed is judged"
    assert said in say("run", "--full").sentence
    with dg.DagsterInstance.get() as instance:
        newest = instance.get_runs(dg.RunsFilter(job_name="reconcile"), limit=1)[0]
        log = [entry.user_message for entry in instance.all_logs(newest.run_id)]
    assert said in log


def test_a_full_run_of_one_system_reads_everything_again_and_changes_nothing(
    store: Store, home: Path, say: Say, serve: Serve
) -> None:
    server = serve(Product)
    server.vendor.put("customers", {"key": "c1", "name": "Works"})  # type: ignore[attr-defined]
    assert say("run", "--system", "product").code == 0
    before = say("census", "--format", "json", "--ids").out
    asked = len(server.requests)
    assert say("run", "--full", "--system", "product").code == 0
    assert len(server.requests) > asked
    after = say("census", "--format", "json", "--ids").out
    assert _without_instants(after) == _without_instants(before)


def _without_instants(census: str) -> str:
    return re.sub(r'"complete_through": "[^"]+"', "", census)


def test_help_names_every_command_and_answers_quickly(say: Say) -> None:
    told = say("--help")
    assert told.code == 0
    names = {(command.name or getattr(command.callback, "__name__", "")) for command in app.registered_commands}
    assert names == {"run", "backfill", "audit", "breaks", "trace", "census", "doctor", "demo", "dev"}
    assert all(name in told.out for name in names)
