"""Care's part of a simulated county: a year of visits with their diagnoses, relations, allergies, lasting problems."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from uuid import UUID

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.sampling import Sampling, Weighted, copy_in
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.care.models import Allergy, Diagnosis, Problem, Visit
from yigongti.service.care.sample.drawing import Drawn, Planner, Who
from yigongti.service.care.sample.texts import Vignettes

REFERRED = "care.referred"
"""Name under which visits that end in an up-referral are left to the referral's sample: (visit id, vignette, Who)."""
PLANTED_OPEN = 6
"""Visits of the day itself that are still open: work on the table when the demonstration begins."""


def moment(sampling: Sampling) -> datetime:
    """The simulation's present: ten in the morning of the day, and never later than the real present."""
    return min(calendar.start_of(sampling.as_of) + timedelta(hours=10), calendar.now())


def uuid_of(rng: random.Random) -> UUID:
    """A client id drawn from the stream."""
    return UUID(int=rng.getrandbits(128), version=4)


def sample(sampling: Sampling) -> None:
    """Write care's rows. Runs as owner inside maintenance, after the registry's sample."""
    planner = Planner(sampling, moment(sampling), _people(), _doctors())
    texts = Vignettes(sampling)
    sampling.progress(42, 100, "就诊记录")
    visits, lines, drawn = [], [], list(planner.visits(texts))
    rng = sampling.rng("care", "rows")
    for one in drawn:
        visit, own = _visit(rng, one)
        visits.append(visit)
        lines += own
    _plant_open(visits)
    copy_in(visits)
    sampling.progress(55, 100, "诊断与诊疗关系")
    copy_in(lines)
    copy_in(_grants(sampling, visits))
    _allergies(sampling, planner, visits)
    _problems(planner, visits)
    sampling.facts[REFERRED] = [
        (visit.pk, one.vignette, one.who) for visit, one in zip(visits, drawn, strict=True) if one.referred
    ]


def _people() -> list[Who]:
    rows = registry.Resident.objects.filter(status="living").order_by("pk")
    return [
        Who(r.pk, r.name, r.sex, r.birth_date, r.home_id, r.township_id, tuple(r.tags)) for r in rows.iterator()
    ]  # fmt: skip


def _doctors() -> dict[int, list[int]]:
    """Seats that see patients, by unit; the first of a unit is the one a demonstration signs in as."""
    found: dict[int, list[int]] = {}
    roles = ("village_doctor", "township_doctor", "specialist")
    for pk, unit in Seat.objects.filter(role_id__in=roles).order_by("pk").values_list("pk", "unit_id"):
        found.setdefault(unit, []).append(pk)
    return found


def _visit(rng: random.Random, one: Drawn) -> tuple[Visit, list[Diagnosis]]:
    text = one.text
    minutes = rng.randrange(6, 40)
    visit = Visit(
        client_id=uuid_of(rng), subject_id=one.who.subject_id, unit_id=one.unit_id, seat_id=one.seat_id,
        kind="home" if one.level == "village" and rng.random() < 0.06 else "outpatient",
        evidence="card" if rng.random() < 0.8 else "typed", started_at=one.at, status="closed",
        closed_at=one.at + timedelta(minutes=minutes), sensitive=text.sensitive, chief_complaint=text.chief,
        history=text.history, examination=text.examination, plan=text.plan, red_flags=list(text.red_flags),
        consciousness="alert", days_ill=text.days, pregnant=text.pregnant, glucose_fasting=text.fasting, **text.vitals,
    )  # fmt: skip
    own = [Diagnosis(visit=visit, position=0, code=text.code, name=text.name, principal=True)]
    for place, (code, name) in enumerate(text.others, start=1):
        own.append(Diagnosis(visit=visit, position=place, code=code, name=name))
    return visit, own


def _plant_open(visits: list[Visit]) -> None:
    """The newest visits of the last day are still open; a plan is what they lack."""
    seen: set[int] = set()
    left = PLANTED_OPEN
    for visit in sorted(visits, key=lambda v: v.started_at, reverse=True)[:400]:
        if left and visit.seat_id not in seen:
            seen.add(visit.seat_id)
            visit.status, visit.closed_at, visit.plan = "open", None, ""
            left -= 1


def _grants(sampling: Sampling, visits: list[Visit]) -> list[Grant]:
    days = int(policy.value("care.relation.visit_days", place=sampling.place, on=sampling.as_of).value)
    out = []
    for visit in visits:
        day = calendar.local(visit.started_at).date()
        out.append(Grant(
            subject_id=visit.subject_id, unit_id=visit.unit_id, reason=Grant.Reason.VISIT, evidence=visit.evidence,
            starts=day, ends=day + timedelta(days=days), seat_id=visit.seat_id, made_at=visit.started_at, acted=True,
        ))  # fmt: skip
    return out


def _first_visits(visits: list[Visit]) -> dict[int, Visit]:
    """The first visit of each person that had one: when things about the person were asked and noted."""
    first: dict[int, Visit] = {}
    for visit in visits:
        known = first.get(visit.subject_id)
        if known is None or visit.started_at < known.started_at:
            first[visit.subject_id] = visit
    return first


def _allergies(sampling: Sampling, planner: Planner, visits: list[Visit]) -> None:
    rng = sampling.rng("care", "allergies")
    share = float(sampling.figure("illness", "allergy_percent")) / 100
    unasked = float(sampling.figure("illness", "no_allergy_recorded_percent")) / 100
    kinds = Weighted(
        [((r["substance"], r["reaction"]), float(r["share_percent"])) for r in sampling.table("allergies")]
    )
    rows = []
    for subject, visit in _first_visits(visits).items():
        luck = rng.random()
        if luck < unasked:
            continue
        substance, reaction = kinds.draw(rng) if luck < unasked + share else ("", "")
        rows.append(Allergy(
            client_id=uuid_of(rng), subject_id=subject, unit_id=visit.unit_id, seat_id=visit.seat_id, substance=substance,
            reaction=reaction, severity="severe" if "休克" in reaction else "mild" if substance else "unknown",
            noted_at=visit.started_at,
        ))  # fmt: skip
    copy_in(rows)


LASTING = {
    "hypertension": ("I10", "原发性高血压"),
    "diabetes": ("E11.9", "2型糖尿病"),
    "copd": ("J44.9", "慢性阻塞性肺疾病"),
}


def _problems(planner: Planner, visits: list[Visit]) -> None:
    rng, rows = planner.sampling.rng("care", "problems"), []
    first = _first_visits(visits)
    for who in planner.people:
        visit = first.get(who.subject_id)
        for tag in who.tags if visit else ():
            if visit is None or tag not in LASTING:
                continue
            code, name = LASTING[tag]
            since = planner.sampling.as_of - timedelta(days=rng.randrange(90, 4_000))
            rows.append(Problem(
                client_id=uuid_of(rng), subject_id=who.subject_id, unit_id=visit.unit_id, seat_id=visit.seat_id,
                code=code, name=name, since=since, noted_at=visit.started_at,
            ))  # fmt: skip
    copy_in(rows)
