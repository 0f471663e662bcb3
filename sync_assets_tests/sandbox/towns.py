"""Small towns for the tests of the company, made up once per process: what they hold must not be changed."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from sync_assets.sandbox.town import Sandbox

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


@cache
def clean_town(seed: int = 3, customers: int = 90) -> Sandbox:
    """A town in which nothing is wrong; benign twins live in it."""
    return Sandbox(seed=seed, customers=customers, now=NOW, defects={})


@cache
def broken_town(class_: str, count: int = 3) -> Sandbox:
    """A town with so many defects of one class and hardly anybody else."""
    return Sandbox(seed=11, customers=count + 3, now=NOW, defects={class_: count}, twins=False)


def find(sandbox: Sandbox, system: str, stream: str, record_id: str) -> dict[str, Any] | None:
    """The record as it stands in a vendor's memory."""
    vendor = next(vendor for vendor in sandbox.vendors if vendor.name == system)
    return vendor.shelf.get(stream, record_id)


def rows(sandbox: Sandbox, system: str, stream: str) -> list[dict[str, Any]]:
    """All records of a stream as they stand."""
    vendor = next(vendor for vendor in sandbox.vendors if vendor.name == system)
    return [version.record for version in vendor.shelf.current(stream)]
