"""Every dead-letter reason has its runbook."""

import re
from pathlib import Path

from sync_assets.model.reasons import REASONS

PAGE = Path(__file__).parents[2] / "docs" / "runbooks.md"


def test_every_reason_has_a_section_and_no_section_is_left_over() -> None:
    assert re.findall(r"^## (\w+)$", PAGE.read_text(), re.MULTILINE) == list(REASONS)
