"""Care's part of a simulated county: a year of visits with their diagnoses, relations, allergies, lasting problems."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.sampling import Sampling, Sheet, Weighted, copy_in, reserve, uuid_of
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.care.models import Allergy, Diagnosis, Problem, Visit
from yigongti.service.care.sample.drawing import Drawn, Planner
from yigongti.service.care.sample.texts import COLUMNS, Vignettes, Who

REFERRED = "care.referred"
"""Name under which visits that end in an up-referral are left to the referral's sample: (visit id, vignette, Who)."""
PLANTED_OPEN = 6
"""Visits of the day itself that are still open: work on the table when the demonstration begins."""


def moment(sampling: Sampling) -> datetime:
    """The simulation's present: ten in the morning of the day, and never later than the real present."""
    return min(calendar.start_of(sampling.as_of) + timedelta(hours=10), calendar.now())


@dataclass(frozen=True, slots=True)
class Kept:
    """A drawn visit with the id that it will have and what happened to it in the consulting room."""

    id: int
    one: Drawn
    evidence: str
    minutes: int | None
    """How long it took; None: it is still open."""


def sample(sampling: Sampling) -> None:
    """Write care's rows. Runs as owner inside maintenance, after the registry's sample."""
    planner = Planner(sampling, moment(sampling), _people(), _doctors())
    texts = Vignettes(sampling)
    sampling.progress(42, 100, "就诊记录")
    drawn = list(planner.visits(texts))
    rng = sampling.rng("care", "rows")
    open_ones = _open_ones(drawn)
    kept = [
        Kept(pk, one, "card" if rng.random() < 0.8 else "typed", None if place in open_ones else rng.randrange(6, 40))
        for place, (pk, one) in enumerate(zip(reserve(Visit, len(drawn)), drawn, strict=True))
    ]
    _visits(rng, kept)
    sampling.progress(55, 100, "诊断与诊疗关系")
    _diagnoses(kept)
    _grants(sampling, kept)
    first = _first_visits(kept)
    _allergies(sampling, first)
    _problems(planner, first)
    sampling.facts[REFERRED] = [(one.id, one.one.vignette, one.one.who) for one in kept if one.one.referred]


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


_SIGNS = tuple(sorted(set(COLUMNS.values())))


def _visits(rng: random.Random, kept: list[Kept]) -> None:
    sheet = Sheet(
        Visit, "id", "client_id", "subject_id", "unit_id", "seat_id", "kind", "evidence", "started_at", "closed_at", "status",
        "sensitive", "chief_complaint", "history", "examination", "plan", "red_flags", "days_ill", "pregnant",
        "glucose_fasting", "consciousness", *_SIGNS,
    )  # fmt: skip
    for visit in kept:
        one, text, closed = visit.one, visit.one.text, visit.minutes is not None
        sheet.add(
            visit.id, uuid_of(rng), one.who.subject_id, one.unit_id, one.seat_id,
            "home" if one.level == "village" and rng.random() < 0.06 else "outpatient", visit.evidence, one.at,
            one.at + timedelta(minutes=visit.minutes) if visit.minutes is not None else None, "closed" if closed else "open",
            text.sensitive, text.chief, text.history, text.examination, text.plan if closed else "", list(text.red_flags),
            text.days, text.pregnant, text.fasting, "alert", *map(text.vitals.get, _SIGNS),
        )  # fmt: skip
    sheet.write()


def _diagnoses(kept: list[Kept]) -> None:
    sheet = Sheet(Diagnosis, "visit_id", "position", "code", "name", "principal")
    for visit in kept:
        text = visit.one.text
        for place, (code, name) in enumerate(((text.code, text.name), *text.others)):
            sheet.add(visit.id, place, code, name, place == 0)
    sheet.write()


def _open_ones(drawn: list[Drawn]) -> set[int]:
    """Places of the newest visits of the last day: they are still open, one a doctor; a plan is what they lack."""
    newest = sorted(range(len(drawn)), key=lambda place: drawn[place].at, reverse=True)[:400]
    seats = {drawn[place].seat_id: place for place in reversed(newest)}
    return set(list(dict.fromkeys(p for p in newest if seats[drawn[p].seat_id] == p))[:PLANTED_OPEN])


def _grants(sampling: Sampling, kept: list[Kept]) -> None:
    days = int(policy.value("care.relation.visit_days", place=sampling.place, on=sampling.as_of).value)
    sheet = Sheet(Grant, "subject_id", "unit_id", "reason", "evidence", "starts", "ends", "seat_id", "made_at", "acted")
    for visit in kept:
        one, day = visit.one, calendar.local(visit.one.at).date()
        sheet.add(one.who.subject_id, one.unit_id, Grant.Reason.VISIT.value, visit.evidence, day, day + timedelta(days=days),
                  one.seat_id, one.at, True)  # fmt: skip
    sheet.write()


def _first_visits(kept: list[Kept]) -> dict[int, Drawn]:
    """The first visit of each person that had one: when things about the person were asked and noted."""
    first: dict[int, Drawn] = {}
    for visit in kept:
        known = first.get(visit.one.who.subject_id)
        if known is None or visit.one.at < known.at:
            first[visit.one.who.subject_id] = visit.one
    return first


def _allergies(sampling: Sampling, first: dict[int, Drawn]) -> None:
    rng = sampling.rng("care", "allergies")
    share = float(sampling.figure("illness", "allergy_percent")) / 100
    unasked = float(sampling.figure("illness", "no_allergy_recorded_percent")) / 100
    kinds = Weighted(
        [((r["substance"], r["reaction"]), float(r["share_percent"])) for r in sampling.table("allergies")]
    )
    rows = []
    for subject, visit in first.items():
        luck = rng.random()
        if luck < unasked:
            continue
        substance, reaction = kinds.draw(rng) if luck < unasked + share else ("", "")
        rows.append(Allergy(
            client_id=uuid_of(rng), subject_id=subject, unit_id=visit.unit_id, seat_id=visit.seat_id, substance=substance,
            reaction=reaction, severity="severe" if "休克" in reaction else "mild" if substance else "unknown",
            noted_at=visit.at,
        ))  # fmt: skip
    copy_in(rows)


LASTING = {
    "hypertension": ("I10", "原发性高血压"),
    "diabetes": ("E11.9", "2型糖尿病"),
    "copd": ("J44.9", "慢性阻塞性肺疾病"),
}


def _problems(planner: Planner, first: dict[int, Drawn]) -> None:
    rng, rows = planner.sampling.rng("care", "problems"), []
    for who in planner.people:
        visit = first.get(who.subject_id)
        for tag in who.tags if visit else ():
            if visit is None or tag not in LASTING:
                continue
            code, name = LASTING[tag]
            since = planner.sampling.as_of - timedelta(days=rng.randrange(90, 4_000))
            rows.append(Problem(
                client_id=uuid_of(rng), subject_id=who.subject_id, unit_id=visit.unit_id, seat_id=visit.seat_id,
                code=code, name=name, since=since, noted_at=visit.at,
            ))  # fmt: skip
    copy_in(rows)
