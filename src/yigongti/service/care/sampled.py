"""What the samples of higher rooms use of care's: the visits that go up, a visit's line, a stay at the hospital."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Grant, Seat
from yigongti.kernel.sampling import uuid_of
from yigongti.registry import facade as registry
from yigongti.service.care import queries
from yigongti.service.care.models import Allergy, Diagnosis, Problem, Visit
from yigongti.service.care.queries import VisitLine
from yigongti.service.care.rules import EarlierVisit, Picture, VisitSummary, stamp
from yigongti.service.care.sample import REFERRED, moment

__all__ = ["REFERRED", "Told", "closed_visits", "moment", "move", "name_of", "read", "stamp", "stay"]


@dataclass(frozen=True)
class Told:
    """A simulated visit as a story needs it: its line, what rules see of it, the copy that goes with a referral."""

    line: VisitLine
    picture: Picture
    summary: VisitSummary


def read(visit_ids: Iterable[int]) -> dict[int, Told]:
    """Visits with all about their persons, in five queries however many they are; by id."""
    found = list(queries.visits().filter(pk__in=list(visit_ids)))
    subjects = {one.subject_id for one in found}
    people = registry.Resident.objects.in_bulk(subjects)
    allergies, problems = _by_subject(Allergy, subjects, "-noted_at"), _by_subject(Problem, subjects, "-since")
    earlier = _earlier(subjects)
    told = {}
    for one in found:
        person, lasting = people[one.subject_id], problems.get(one.subject_id, [])
        before = [visit for at, visit in earlier.get(one.subject_id, ()) if at < one.started_at][: queries.EARLIER]
        told[one.pk] = Told(
            queries.line(one),
            queries.pictured(one, queries.held_by(one), queries.diagnoses(one), person.sex, person.birth_date,
                             [p.code for p in lasting]),
            queries.summed_up(one, queries.allergic(allergies.get(one.subject_id, ())), lasting, before),
        )  # fmt: skip
    return told


def _by_subject(model: Any, subjects: Iterable[int], order: str) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = {}
    for row in model.objects.filter(subject_id__in=list(subjects)).order_by(order, "pk"):
        rows.setdefault(row.subject_id, []).append(row)
    return rows


def _earlier(subjects: Iterable[int]) -> dict[int, list[tuple[datetime, EarlierVisit]]]:
    """Every visit of these persons as a line, the newest first, without making a row object of each."""
    lines: dict[int, list[tuple[datetime, EarlierVisit]]] = {}
    rows = Diagnosis.objects.filter(visit__subject_id__in=list(subjects), principal=True).order_by("-visit__started_at")
    for subject, at, unit, name, plan in rows.values_list(
        "visit__subject_id", "visit__started_at", "visit__unit__name", "name", "visit__plan"
    ):
        lines.setdefault(subject, []).append((at, queries.earlier_visit(at, unit, name, plan)))
    return lines


@cache
def name_of(code: str) -> str:
    """A diagnosis by its name, the code itself where the table has none."""
    known = registry.diagnosis(code)
    return known.name if known is not None else code


def move(visit_id: int, to: datetime, days: int, seat: Seat) -> None:
    """Put a simulated visit at another moment and another doctor, closed, with a relation of its own."""
    found: Visit = Visit.objects.get(pk=visit_id)
    found.seat, found.unit_id = seat, seat.unit_id
    found.started_at, found.closed_at, found.status = to, to + timedelta(minutes=20), "closed"
    found.save(force_update=True)
    day = calendar.local(to).date()
    Grant.objects.create(
        subject_id=found.subject_id, unit_id=found.unit_id, reason="visit", evidence=found.evidence, starts=day,
        ends=day + timedelta(days=days), seat_id=found.seat_id, made_at=to, acted=True,
    )  # fmt: skip


def stay(
    rng: random.Random, *, subject_id: int, seat: Seat, case_id: int | None, start: datetime, end: datetime, chief: str,
    text: str, plan: str, diagnosis: tuple[str, str],
) -> int:  # fmt: skip
    """A closed stay at the hospital, perhaps brought about by a case; returns the visit's id."""
    made: Visit = Visit.objects.create(
        client_id=uuid_of(rng), subject_id=subject_id, unit_id=seat.unit_id, seat=seat, kind="inpatient",
        evidence="appointment" if case_id else "card", started_at=start, closed_at=end,
        status="closed", case_id=case_id, chief_complaint=chief,
        examination=text, plan=plan, consciousness="alert",
    )  # fmt: skip
    Diagnosis.objects.create(visit=made, code=diagnosis[0], name=diagnosis[1], principal=True)
    return int(made.pk)


def closed_visits() -> Iterator[tuple[int, int, int, datetime, str, str]]:
    """(visit, subject, unit, closed, code, name) of every finished visit that is no stay, by id."""
    rows = Diagnosis.objects.filter(principal=True, visit__status="closed").exclude(visit__kind="inpatient")
    told = ("visit_id", "visit__subject_id", "visit__unit_id", "visit__closed_at", "code", "name")
    yield from rows.order_by("visit_id").values_list(*told).iterator(chunk_size=20_000)


def stays() -> dict[tuple[int, int, int], tuple[int, datetime]]:
    """(case, subject, unit) → (visit, closed) of every finished stay that a case brought about."""
    rows = Visit.objects.filter(kind="inpatient", status="closed", case_id__isnull=False)
    told = rows.order_by("pk").values_list("case_id", "subject_id", "unit_id", "pk", "closed_at")
    return {(case, subject, unit): (visit, closed) for case, subject, unit, visit, closed in told}
