"""The sourced figures held against a whole generated county: five hundred residents in every run, twenty thousand in the drill."""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg
import pytest

from tests.simulation.figures import findings
from yigongti.simulation.facade import new_county

TWENTY_THOUSAND = 20_000
HALF = 0.5
"""The margins are for two thousand residents; of ten times as many chance is a third, so that half of a margin is enough."""
CHANCE = 3
"""Of five hundred residents a share may differ this many times as much; the figures' own margins are for two thousand and more."""


@pytest.mark.county
def test_a_small_county_is_no_farther_from_its_sources_than_chance(admin: psycopg.Connection[Any]) -> None:
    found = findings(admin)
    assert len(found) > 40
    assert [one for one in found if abs(one.found - one.wanted) > CHANCE * one.tolerance] == []


@pytest.mark.drill
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not os.environ.get("YGT_DRILL"), reason="minutes of one core: make drill")
def test_twenty_thousand_residents_show_every_sourced_figure(as_owner: Any, admin: psycopg.Connection[Any]) -> None:
    began = time.monotonic()
    with as_owner():
        made = new_county(residents=TWENTY_THOUSAND)
    print(f"20 000 residents with their fund: {time.monotonic() - began:.0f} s (its own clock: {made.seconds:.0f} s)")
    found = findings(admin)
    for one in found:
        print(f"{one.name}: {one.found:.2f}, source {one.wanted:g} ± {one.tolerance * HALF:g}")
    assert [one for one in found if abs(one.found - one.wanted) > HALF * one.tolerance] == []
