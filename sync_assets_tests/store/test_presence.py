"""A run is seen as alive for exactly as long as its process lives."""

import os
import subprocess
import sys
import time

from sync_assets.store.engine import Store
from sync_assets.store.presence import gone, present

CHILD = """
import sys
from sync_assets.store.engine import open_store
from sync_assets.store.presence import present
with present(open_store(sys.argv[1]), "of-a-child"):
    print("here", flush=True)
    input()
"""


def test_a_run_is_there_while_it_is_held_and_gone_afterwards(store: Store) -> None:
    with present(store, "of-ours"):
        assert gone(store, ["of-ours", "never-begun"]) == ["never-begun"]
        with present(store, "of-ours"):
            assert gone(store, ["of-ours"]) == []
        assert gone(store, ["of-ours"]) == [], "whoever else holds it keeps it alive"
    assert gone(store, ["of-ours"]) == ["of-ours"]


def test_a_killed_process_is_gone_without_having_said_so(store: Store) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"here\n"
        assert gone(store, ["of-a-child"]) == []
        process.kill()
    until = time.monotonic() + 10
    while not gone(store, ["of-a-child"]) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(store, ["of-a-child"]) == ["of-a-child"]
