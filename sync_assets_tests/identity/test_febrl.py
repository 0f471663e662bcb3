"""On labelled people with spoiled copies, nobody is linked to another, and few are left to a person."""

import pytest

from sync_assets.store.engine import Store
from sync_assets_tests.identity.people_of_febrl import TRUE, Found, linked_people


@pytest.fixture
def found(store: Store) -> Found:
    return linked_people(store)


def test_febrl_4_is_linked_without_one_wrong_link_and_nearly_everybody_is_found(found: Found) -> None:
    assert found.linked_wrong == 0, "a wrong link is what nobody would look at again"
    assert found.f1 >= 0.999
    assert found.linked_right >= 0.94 * TRUE, "a person is asked about one in twenty at most"
    assert found.asked_wrong <= 5
