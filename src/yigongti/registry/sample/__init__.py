"""The registry's part of a simulated county: divisions, institutions, staff, residents."""

from __future__ import annotations

from yigongti.kernel.sampling import Sampling
from yigongti.registry.actions.accounts import ensure_robots, sync_roles
from yigongti.registry.actions.network import ensure_region, write_institutions
from yigongti.registry.actions.network.alliance_bulk import write_alliances, write_bodies
from yigongti.registry.actions.network.centre_bulk import write_centres
from yigongti.registry.actions.places import load_starter_codes, write_places
from yigongti.registry.actions.resident_bulk import write_residents
from yigongti.registry.actions.staff import write_staff
from yigongti.registry.rows import RowFault
from yigongti.registry.sample.alliances import alliances, bodies
from yigongti.registry.sample.centres import centres
from yigongti.registry.sample.geography import geography
from yigongti.registry.sample.network import divisions, institutions, planned
from yigongti.registry.sample.people import residents
from yigongti.registry.sample.staff import staff


class BadSample(RuntimeError):
    """What was drawn is refused by the registry's own rules: a defect of the sample."""


def sample(sampling: Sampling) -> None:
    """Write the registry's rows. Runs as owner inside maintenance."""
    sync_roles()
    load_starter_codes()
    write_places(divisions(sampling), origin="simulation")
    made, since = planned(sampling), sampling.as_of.replace(month=1, day=1)
    region = ensure_region(sampling.place, made.blueprint.network.name)
    ensure_robots(region)
    sampling.progress(2, 100, "机构与科室")
    _good(write_institutions(institutions(sampling), region=region, on=since)[1])
    _good(write_alliances(alliances(made), region=region, on=since)[1])
    _good(write_bodies(bodies(made), region=region, on=since)[1])
    sampling.progress(8, 100, "人员与岗位")
    _good(write_staff(staff(sampling), region=region, on=since)[1])
    sampling.progress(10, 100, "中心")
    _good(write_centres(centres(made), region=region, on=since)[1])
    geography(sampling)
    rows = residents(sampling)

    def told(done: int, total: int) -> None:
        sampling.progress(12 + 28 * done // max(1, total), 100, f"居民 {done} / {total}")

    _, faults = write_residents(rows, registered=region, on=sampling.as_of, simulated=True, progress=told)
    _good(faults)


def _good(faults: list[RowFault]) -> None:
    if faults:
        raise BadSample("; ".join(f"{fault.index}.{fault.field}: {fault.reason}" for fault in faults[:5]))
