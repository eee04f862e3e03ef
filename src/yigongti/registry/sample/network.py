"""The network that a simulation makes: the blueprint's plan at its scale, drawn once a sampling."""

from __future__ import annotations

from yigongti.kernel.sampling import Sampling
from yigongti.policy import facade as policy
from yigongti.registry.actions.places import Division
from yigongti.registry.rows import InstitutionRow
from yigongti.registry.sample.plan import CENTRE_LAT, CENTRE_LON, Given, Plan, credit_code, plan

__all__ = ["CENTRE_LAT", "CENTRE_LON", "credit_code", "divisions", "institutions", "planned"]
_PLAN = "registry.plan"
NAMED = "hunan-2024"
"""The blueprint whose places bear the names of the data folder."""


def planned(sampling: Sampling) -> Plan:
    """The plan of this sampling's blueprint and scale."""
    found: Plan | None = sampling.facts.get(_PLAN)
    if found is None:
        code = str(sampling.options["blueprint"])
        scale = sampling.options.get("scale")
        given = _given(sampling) if code == NAMED else Given()
        found = plan(policy.blueprint(code), scale, rng=sampling.rng("registry", "network"), given=given)
        sampling.facts[_PLAN] = found
    return found


def _given(sampling: Sampling) -> Given:
    rows = sampling.table("places")
    towns = [row["name"] for row in rows if row["kind"] == "township"]
    below = {
        town: [row["name"] for row in rows if row["kind"] == "village" and row["parent"] == town] for town in towns
    }
    return Given(next(row["name"] for row in rows if row["kind"] == "county"), towns, below)


def divisions(sampling: Sampling) -> list[Division]:
    """Counties, townships (100–), villages (200–), streets (001–) under codes that no real place bears."""
    return planned(sampling).divisions


def institutions(sampling: Sampling) -> list[InstitutionRow]:
    """Hospitals, townships, clinics, hospitals of the city and beyond."""
    return planned(sampling).institutions
