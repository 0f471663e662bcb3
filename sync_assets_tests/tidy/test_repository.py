"""The repository speaks of the project alone, and its lock file names versions and hashes only."""

import re
import subprocess

from sync_assets_tests.tidy.source import PROJECT


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=False)
    return listed.stdout.split("\n")[:-1]


def test_the_lock_file_pins_every_package_with_hashes_and_names_no_index() -> None:
    lock = (PROJECT / "requirements.lock").read_text()
    assert "--index-url" not in lock
    assert "://" not in lock
    pinned = re.findall(r"^([a-z0-9._-]+(?:\[[a-z,]+\])?)==", lock, flags=re.MULTILINE)
    assert len(pinned) > 50
    blocks = re.split(r"\n(?=[a-z0-9])", lock)
    bare = [block.split("==")[0] for block in blocks if "==" in block.split("\n")[0] and "--hash=sha256:" not in block]
    assert not bare, f"without a hash: {bare}"


def test_no_file_names_a_path_of_one_machine() -> None:
    words = ["/" + "work/", "/" + "home/", "/" + "root/"]
    found = [
        f"{name}: {word}"
        for name in _tracked()
        if name.endswith((".py", ".md", ".toml", ".yaml", ".lock", "Makefile", "run"))
        for word in words
        if word in (PROJECT / name).read_text(encoding="utf-8", errors="replace")
    ]
    assert not found, f"paths of a machine do not belong in the repository: {found}"


def test_telemetry_is_off() -> None:
    settings = (PROJECT / "dagster.yaml").read_text()
    assert re.search(r"telemetry:\s+enabled: false", settings)
    assert re.search(r"nux:\s+enabled: false", settings)
