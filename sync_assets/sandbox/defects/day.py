"""One more day of business: new customers, something under way at its end, the story, a handful of defects."""

from dataclasses import replace
from datetime import timedelta
from random import Random

from sync_assets.sandbox.company.company import Company
from sync_assets.sandbox.company.lives import begin
from sync_assets.sandbox.company.population import ordinary_life
from sync_assets.sandbox.defects.in_flight import plan_in_flight
from sync_assets.sandbox.defects.registry import DEFECTS, Window
from sync_assets.sandbox.defects.story import tell_story

SHOWN_WITHIN_A_DAY = ("F12", "F20", "F46", "F49", "F50", "F60")
"""Classes whose lag is over before the day is; a missing posting (F51) is among them every day."""

_DEFECTS_A_DAY = 4
_NEWCOMERS = 3


def plan_day(company: Company, rng: Random) -> None:
    """Plan the day that begins now; the story is told when its customer's term turns, on the first one."""
    ends_at = company.now + timedelta(days=1)
    window = Window(earliest=company.now, latest=ends_at, is_today=True)
    for class_ in ("F51", *rng.sample(SHOWN_WITHIN_A_DAY, _DEFECTS_A_DAY)):
        DEFECTS[class_](company, rng, window)
    for _ in range(_NEWCOMERS):
        life = ordinary_life(company, rng)
        starts_at = company.now + timedelta(minutes=rng.randint(100, 600))
        begin(company, replace(life, starts_at=starts_at, happenings=()))
    plan_in_flight(company, rng, ends_at)
    if company.protagonist is not None:
        tell_story(company, company.protagonist)
