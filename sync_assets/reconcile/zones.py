"""Which calendar a legal entity lives by: the zone a deployment names, else the first zone of its country.

`SYNC_TIME_ZONES` names zones by legal entity, e.g. `acme_us=America/Chicago,acme_de=Europe/Berlin`.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sync_assets.model.errors import SettingError

SETTING = "SYNC_TIME_ZONES"
UTC_ZONE = ZoneInfo("UTC")


def zones_of(countries: Mapping[str, str | None]) -> dict[str, ZoneInfo]:
    """The zone of each legal entity, given its country."""
    found = {entity: _zone_of_country(country) for entity, country in countries.items()}
    return {**found, **_named(os.environ.get(SETTING, ""))}


def _named(text: str) -> dict[str, ZoneInfo]:
    """The zones that the setting names; SettingError for one that does not exist."""
    zones = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        entity, equals, zone = part.partition("=")
        try:
            zones[entity.strip()] = ZoneInfo(zone.strip()) if equals else ZoneInfo("")
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingError(f"{SETTING} must look like acme_us=America/Chicago,acme_de=Europe/Berlin.") from None
    return zones


@lru_cache(maxsize=256)
def _zone_of_country(country: str | None) -> ZoneInfo:
    """The zone that the time zone database lists first for a country: the one of most of its people."""
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        code, _, rest = line.partition("\t")
        if code == country:
            return ZoneInfo(rest.split("\t")[1])
    return UTC_ZONE
