"""Made-up companies: names, domains, tax ids and addresses, each used once in a town."""

from dataclasses import dataclass
from random import Random

_FIRST = (
    "Alder Amber Anchor Arbor Aspen Bay Beacon Birch Bluebell Bramble Bridge Bright Cedar Clear Cobalt Copper"
    " Coral Crest Delta Drift Ember Fable Falcon Fern Flint Fox Garnet Glen Granite Harbor Hazel Heron Indigo"
    " Iris Ivory Juniper Kestrel Lark Linden Lotus Maple Marble Meadow Mistral Moss North Oak Ochre Olive Onyx"
    " Opal Orchard Pebble Pine Quarry Quill Raven Reed Ridge River Rowan Sable Saffron Sage Salt Silver Slate"
    " Sparrow Spruce Stone Summit Teal Thistle Timber Topaz Umber Vale Velvet Violet Walnut Willow Wren Zephyr"
).split()
_SECOND = (
    "Analytics Foods Freight Health Instruments Labs Logistics Machines Media Metals Mobility Networks Optics"
    " Outfitters Paper Pharma Pictures Power Printing Robotics Sailing Security Software Studios Supply Systems"
    " Textiles Tools Travel Works"
).split()
_SUFFIX = {"US": "Inc.", "DE": "GmbH", "GB": "Ltd", "JP": "KK"}
_TOP_LEVEL = {"US": "com", "DE": "de", "GB": "co.uk", "JP": "jp"}
_CITY = {"US": "Albany", "DE": "Leipzig", "GB": "Leeds", "JP": "Sendai"}


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Who a customer is, apart from what it buys."""

    name: str
    legal_name: str
    domain: str
    email: str
    country: str
    city: str
    tax_id: str


class Registry:
    """Hands out profiles; the order is shuffled by the seed, no name comes twice."""

    def __init__(self, seed: int) -> None:
        self._random = Random(f"names/{seed}")
        self._pairs = [(first, second) for first in _FIRST for second in _SECOND]
        self._random.shuffle(self._pairs)
        self._used = 0

    def profile(self, country: str) -> Profile:
        """The next unused company, settled in a country."""
        first, second = self._pairs[self._used % len(self._pairs)]
        round_number = self._used // len(self._pairs)
        self._used += 1
        name = f"{first} {second}" + (f" {round_number + 1}" if round_number else "")
        domain = f"{name.lower().replace(' ', '-')}.{_TOP_LEVEL[country]}"
        return Profile(
            name=name,
            legal_name=f"{name} {_SUFFIX[country]}",
            domain=domain,
            email=f"billing@{domain}",
            country=country,
            city=_CITY[country],
            tax_id=self._tax_id(country),
        )

    def _tax_id(self, country: str) -> str:
        # The running number keeps tax ids apart, the drawn digits keep them from looking alike.
        digits = f"{self._random.randrange(10**4):04d}{self._used:05d}"
        if country == "US":
            return f"{digits[:2]}-{digits[2:]}"
        return f"T{self._random.randrange(10**3, 10**4)}{digits}" if country == "JP" else f"{country}{digits}"
