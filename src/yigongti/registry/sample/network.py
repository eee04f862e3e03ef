"""The network that a simulation makes: the blueprint's plan at its scale, drawn once a sampling."""

from __future__ import annotations

from dataclasses import replace

from yigongti.kernel.sampling import Sampling
from yigongti.policy import facade as policy
from yigongti.registry.actions.places import Division
from yigongti.registry.rows import InstitutionRow
from yigongti.registry.rules.network import TOWNSHIPS
from yigongti.registry.sample.plan import CENTRE_LAT, CENTRE_LON, Given, Plan, credit_code, plan

__all__ = ["CENTRE_LAT", "CENTRE_LON", "credit_code", "divisions", "institutions", "planned"]
_PLAN = "registry.plan"
TOLD = "模拟数据：按床位推算"
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
    """Hospitals, townships, clinics, hospitals of the city and beyond; those with beds report their staff by the bed.

    The accounts of a demonstration are a few dozen, its population is a county's: what is counted from them would be absurd.
    """
    staff, doctors, gps = (
        sampling.figure("staffing", name) for name in ("staff_per_bed", "doctors_per_bed", "gps_per_township_doctor")
    )
    return [
        replace(
            row, told_staff=round(row.beds * staff), told_doctors=round(row.beds * doctors), told_source=TOLD,
            told_gps=round(row.beds * doctors * (gps if row.kind in TOWNSHIPS else 0)),
        )
        if row.beds
        else row
        for row in planned(sampling).institutions
    ]  # fmt: skip
