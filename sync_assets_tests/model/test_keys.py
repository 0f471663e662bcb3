"""Claims about keys that several systems write in different forms."""

import pytest

from sync_assets.model.errors import RejectError
from sync_assets.model.keys import salesforce_id

LONG_BY_SHORT = {
    # `m`, `P`, `g` of `62mPg`: only the fourth sign is upper case, 2^3 = 8 -> I.
    "a01M00000062mPg": "a01M00000062mPgIAI",
    "001M000000qfPyS": "001M000000qfPySIAU",
    "a0FE000000D6r3F": "a0FE000000D6r3FMAR",
    "aaaaaaaaaaaaaaa": "aaaaaaaaaaaaaaaAAA",
    # Five upper case signs are 1 + 2 + 4 + 8 + 16 = 31 -> 5.
    "AAAAAAAAAAAAAAA": "AAAAAAAAAAAAAAA555",
    # From an anonymised export of a real org.
    "0015500000Xyy06": "0015500000Xyy06AAB",
}


@pytest.mark.parametrize(("short", "long"), LONG_BY_SHORT.items())
def test_both_forms_of_a_salesforce_id_become_one(short: str, long: str) -> None:
    assert salesforce_id(short) == long
    assert salesforce_id(long) == long


@pytest.mark.parametrize("text", ["", "0015500000Xyy0", "0015500000Xyy06A", "0015500000Xyy0-", "0015500000Xyy06AÄB"])
def test_a_text_that_is_no_salesforce_id_is_refused(text: str) -> None:
    with pytest.raises(RejectError) as refused:
        salesforce_id(text)
    assert refused.value.reason == "type"
