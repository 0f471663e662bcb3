"""Claims about the place of a reader in a paged list."""

import pytest

from sync_assets.connect.paging import RESTARTS_MAX, Place
from sync_assets.model.errors import ContractError


def test_a_place_is_the_same_after_it_was_persisted() -> None:
    place = Place().onward("a").onward("b").next_step().onward("é")
    assert Place.read(place.text()) == place
    assert Place.read(None) == Place()


def test_a_long_list_has_no_ring() -> None:
    place = Place()
    for number in range(5_000):
        place = place.onward(str(number))
    assert place.pages == 5_000
    assert len(place.text()) < 200


@pytest.mark.parametrize(("lead", "ring"), [(0, 1), (0, 2), (3, 5), (100, 64), (17, 100)])
def test_a_ring_of_any_length_is_found_soon(lead: int, ring: int) -> None:
    def asked_until_found() -> None:
        place = Place()
        # The mark is set at a power of two past the lead; one more round then meets it.
        for asked in range(4 * (lead + ring)):
            place = Place.read(place.text()).onward(str(asked if asked < lead else lead + (asked - lead) % ring))

    with pytest.raises(ContractError, match="circles"):
        asked_until_found()


def test_a_list_that_starts_again_counts_how_often_until_it_must_prove_itself() -> None:
    place = Place(step=2).onward("a")
    for _ in range(RESTARTS_MAX):
        assert not place.is_worn_out
        place = place.again().onward("a")
    assert place.is_worn_out
    assert place.again() == Place(step=2)
