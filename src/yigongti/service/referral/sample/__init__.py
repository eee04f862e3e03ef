"""Referral's part of a simulated county: a year of referrals with delays, refusals and lateness as sourced, and open
ones in every state so that each role has work when the demonstration begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.case.facade import Case, Limit
from yigongti.kernel.sampling import Sampling, Weighted, reserve
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.care.facade import sampled
from yigongti.service.referral import queries
from yigongti.service.referral.sample.plots import Plot, directly, planted_elsewhere, planted_here, usual
from yigongti.service.referral.sample.rest import changes, filings, leaving, plans, rounds
from yigongti.service.referral.sample.telling import County

MANY_SHOWN = 6
"""So many open referrals the township that a demonstration signs in at should have at least."""
DIRECT = 8
"""In-patients whom the hospital sent down without an earlier up-referral; the newest are still on their way."""


def sample(sampling: Sampling) -> None:
    """Write referral's rows. Runs as owner inside maintenance, after care's sample."""
    sampling.progress(64, 100, "转诊")
    plots = list(_plots(sampling))
    _fill_shown(plots)
    here = sorted((i for i, plot in enumerate(plots) if plot.shown), key=lambda i: -plots[i].visit_id)
    elsewhere = sorted((i for i, plot in enumerate(plots) if not plot.shown), key=lambda i: -plots[i].visit_id)
    chosen = dict(zip(here, planted_here(len(here)), strict=False))
    chosen |= dict(zip(elsewhere, planted_elsewhere(len(elsewhere) // 2), strict=False))
    for number, plot in enumerate(plots):
        if number in chosen:
            chosen[number](plot)
        else:
            usual(plot)
        if number % 20 == 0:
            sampling.progress(64 + 30 * number // max(1, len(plots)), 100, f"转诊 {number} / {len(plots)}")
    for number, plot in enumerate(_direct(plots)):
        directly(plot, number)
    if plots:
        county = plots[0].county
        leaving(sampling, plots)
        rounds(sampling, plots)
        changes(sampling, county)
        plans(county)
        filings(county)
        county.keep()


def _fill_shown(plots: list[Plot]) -> None:
    """Where few of the shown township were referred, patients of its neighbours came to its doctor: half of what its
    consortium has at most, so that whoever signs in there has work in a small county of many townships too.
    """
    shown = next((plot.first for plot in plots), None)
    if shown is None:
        return
    units = plots[0].county.units
    home = units[shown.unit_id].consortium_id
    near = [p for p in plots if p.shown is None and units[p.sender.unit_id].consortium_id == home]
    wanted = MANY_SHOWN - sum(1 for plot in plots if plot.shown)
    for plot in sorted(near, key=lambda one: -one.visit_id)[: max(0, min(wanted, (len(near) + 1) // 2))]:
        plot.shown = shown


def _direct(plots: list[Plot]) -> list[Plot]:
    """Whose patients come straight from the hospital: the first to the village doctor that a demonstration signs in as, an own
    resident where one was in hospital, else (few residents over many clinics) the nearest one who goes to that doctor.
    """
    some = plots[:: max(1, len(plots) // DIRECT)]
    villages = [seat for plot in plots[:1] for seat in plot.county.seats.values() if seat.role_id == "village_doctor"]
    shown = min(villages, key=lambda seat: seat.pk, default=None)
    able = [plot for plot in plots if "down" in plot.referral]
    if shown is None or not able:
        return some
    clinic = shown.unit

    def nearness(plot: Plot) -> tuple[bool, ...]:
        who, home = plot.who, plot.county.units[plot.sender.unit_id].consortium_id
        return (who.home_id != clinic.pk, who.township_id != clinic.parent_id, home != clinic.consortium_id)

    return [replace(min(able, key=nearness), sender=shown), *some[1:]]


def _plots(sampling: Sampling) -> Iterator[Plot]:
    county = the_county(sampling)
    doctors = _by_unit(county, ("village_doctor", "township_doctor"))
    specialists, desks = _by_unit(county, ("specialist",)), _by_unit(county, ("referral_desk",))
    hospitals = cache(partial(_hospital, county, set(desks) & set(specialists)))
    codes = Weighted([((r["code"], r["label"]), float(r["weight"])) for r in sampling.table("decline_reasons")])
    delays = {(r["step"], r["urgency"]): r for r in sampling.table("delays")}
    abilities = cache(queries.ability)
    shown = min(
        (seat for seats in doctors.values() for seat in seats if seat.role_id == "township_doctor"), key=lambda s: s.pk
    )
    referred = sampling.facts.get(sampled.REFERRED, ())
    visits = sampled.read(visit_id for visit_id, _, _ in referred)
    for visit_id, vignette, who in referred:
        rng, told = sampling.rng("referral", visit_id), visits[visit_id]
        lead = hospitals(county.units[county.seats[told.line.seat_id].unit_id].consortium_id)
        yield Plot(
            county=county, rng=rng, visit_id=visit_id, told=told, vignette=vignette, who=who, sender=county.seats[told.line.seat_id],
            hospital=lead, desk=desks[lead][0], specialist=rng.choice(specialists[lead][:3] + specialists[lead]),
            declines=codes, delays=delays, figures=lambda name: float(sampling.figure("referral", name)),
            ability=abilities, named=specialists[lead][0],
            first=shown, shown=shown if who.township_id == shown.unit_id else None,
        )  # fmt: skip


def the_county(sampling: Sampling) -> County:
    limits: dict[str, Limit] = {}

    def limit(key: str) -> Limit:
        if key not in limits:
            found = policy.limit(key, place=sampling.place, on=sampling.as_of)
            limits[key] = Limit(due=found.due, remind=found.remind, escalate=found.escalate, director=found.director)
        return limits[key]

    seats = {seat.pk: seat for seat in Seat.objects.exclude(account=None).select_related("unit")}
    robot = Seat.objects.get(role_id="robot_clock", account=None)
    days = policy.value("care.relation.referral_days", place=sampling.place, on=sampling.as_of).value
    units = {unit.pk: unit for unit in Unit.objects.all()}
    stories = len(sampling.facts.get(sampled.REFERRED, ())) + 2 * DIRECT
    return County(sampled.moment(sampling), units, seats, robot, limit, int(days), _ids(stories))


def _ids(first: int) -> Iterator[int]:
    """Ids of cases, reserved as they are needed."""
    while True:
        yield from reserve(Case, max(first, 1))
        first = 200


def _by_unit(county: County, roles: tuple[str, ...]) -> dict[int, list[Seat]]:
    found: dict[int, list[Seat]] = {}
    for seat in sorted(county.seats.values(), key=lambda one: one.pk):
        if seat.role_id in roles:
            found.setdefault(seat.unit_id, []).append(seat)
    return found


def _hospital(county: County, able: set[int], consortium: int | None) -> int:
    """Who receives from a consortium: its lead where that is a county hospital, else its first county hospital, else
    the lead, else the first hospital of all."""
    own = [one.pk for one in registry.institutions(queries.HOSPITALS, consortium) if one.pk in able]
    found = registry.lead_of(consortium)
    if found is not None and found.pk in able and (found.pk in own or not own):
        return int(found.pk)
    return min(own or able)
