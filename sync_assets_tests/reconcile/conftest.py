"""Tests here are where the page of classes takes its examples from: what the page says of a test, the test shows."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_assets_tests.docs.examples import TO, on_page, shown
from sync_assets_tests.reconcile.books import READ

EXAMPLES = on_page()


@pytest.fixture(autouse=True)
def examples_on_the_page_are_what_their_tests_show(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that the page of classes names, its break reads as it does on the page."""
    READ.clear()
    yield
    test = request.node.nodeid
    seen = shown(READ)
    if TO in os.environ:
        lines = [json.dumps({"class": class_, "test": test, "text": text}) for class_, text in seen.items()]
        with Path(os.environ[TO]).open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
        return
    for class_, (named, text) in EXAMPLES.items():
        if named == test:
            assert seen.get(class_) == text, "docs/classes.md says otherwise; run make classes with ANEW=--anew"
