"""An order stays sorted however its records change, whether changes are placed one by one or sorted anew."""

from random import Random

import pytest

from sync_assets.sandbox.order import Order, Place


def expected(keys: dict[int, int], low: int | None, high: int | None, beyond: Place | None, down: bool) -> list[Place]:
    places = sorted((key, serial) for serial, key in keys.items())
    inside = [place for place in places if (low is None or place[0] >= low) and (high is None or place[0] <= high)]
    if down:
        return [place for place in reversed(inside) if beyond is None or place < beyond]
    return [place for place in inside if beyond is None or place > beyond]


@pytest.mark.parametrize("seed", range(20))
def test_any_walk_over_any_history_of_changes_is_the_sorted_truth(seed: int) -> None:
    random, order, keys = Random(seed), Order(), dict[int, int]()
    for _ in range(60):
        for _ in range(random.choice((1, 3, 40))):  # few changes are placed, many are sorted anew
            serial, key = random.randrange(50), random.choice((None, 1, 2, 3, 5, 8))
            order.put(serial, key)
            keys.pop(serial, None) if key is None else keys.update({serial: key})
        low, high = random.choice((None, 2)), random.choice((None, 4, 8))
        beyond = random.choice((None, (2, 25), (3, 0), (9, 9)))
        down = random.random() < 0.5
        walked = list(order.walk(low=low, high=high, beyond=beyond, descending=down))
        assert walked == expected(keys, low, high, beyond, down)
        assert len(order) == len(keys)


def test_taking_out_what_was_never_in_changes_nothing() -> None:
    order = Order()
    order.put(1, None)
    assert list(order.walk()) == []
