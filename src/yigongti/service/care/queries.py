"""Every read of care: a visit, a person's record, a unit's day, the summary that goes with a referral."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from yigongti.kernel import calendar, wiring
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.once import once
from yigongti.registry import facade as registry
from yigongti.service.care.models import Allergy, Diagnosis, Problem, Visit
from yigongti.service.care.rules import (
    VITALS,
    DiagnosisLine,
    EarlierVisit,
    Picture,
    VisitSummary,
    age_in_days,
    measured,
    stamp,
)

DAY_PAGE = 50
"""Visits on a page of a day, so that what a page costs does not grow with the institution."""
STILL_OPEN = 20
"""Visits of earlier days told above the day, the oldest first."""
TIMELINE = 50
"""Visits of a person on one page of the record."""
EARLIER = 5
"""Earlier visits that go into a summary."""
RECENT = 20
"""Visits of a person that one page reads at once, for its choices, its rules and its summary."""


def visits() -> QuerySet[Visit]:
    """Visits as the fence shows them, with unit, doctor and diagnoses (two queries)."""
    lines = Prefetch("diagnoses", Diagnosis.objects.order_by("-principal", "position"))
    return Visit.objects.select_related("unit", "seat").prefetch_related(lines)


def get(visit_id: int) -> Visit:
    """Raises Visit.DoesNotExist where the fence shows none."""
    found: Visit = visits().get(pk=visit_id)
    return found


def diagnoses(visit: Visit) -> list[DiagnosisLine]:
    """The visit's diagnoses, the principal one first."""
    return [DiagnosisLine(d.code, d.name, d.principal, d.certain) for d in visit.diagnoses.all()]


_OPEN = RawSQL("care_visit.status = 'open'", (), output_field=BooleanField())
"""Open visits, in so many words: the one plan that is kept of a statement can use the index of open visits only where the word
stands in it, not where it is a parameter."""


def open_here(acting: Acting, subject_id: int) -> Visit | None:
    """The seat's own open visit of this person, if there is one: registering again goes on with it."""
    rows = visits().filter(
        _OPEN, subject_id__in=registry.same_person(subject_id), unit_id=acting.unit_id, seat_id=acting.seat_id
    )
    return rows.order_by("-started_at").first()


@dataclass(frozen=True)
class DayLine:
    """A visit in the list of a day."""

    id: int
    subject_id: int
    patient: str
    age_sex: str
    doctor: str
    kind: str
    complaint: str
    diagnosis: str
    started_at: datetime
    open: bool


@dataclass(frozen=True)
class Day:
    day: date
    lines: tuple[DayLine, ...]
    page: Page[Visit]
    """Which of how many pages, over the visits of the day."""
    open_earlier: int
    """Visits of earlier days that are still open."""


def day_of(acting: Acting, day: date, page: int = 1) -> Day:
    """One page of the visits of the seat's own unit on a civil day, those still open first; the last page for one behind it."""
    start, end = calendar.bounds(day)
    rows = Visit.objects.filter(unit_id=acting.unit_id, started_at__gte=start, started_at__lt=end)
    rows = rows.order_by("-status", "-started_at", "-pk")
    pages = Paginator(rows, DAY_PAGE)
    first = _day_lines(rows[:DAY_PAGE]) if page == 1 else ()
    if page == 1 and len(first) < DAY_PAGE:
        pages.count = len(first)  # a short day needs no count
    shown = pages.get_page(page)
    at = (shown.number - 1) * DAY_PAGE
    lines = first if page == 1 else _day_lines(rows[at : at + DAY_PAGE])
    earlier = Visit.objects.filter(_OPEN, unit_id=acting.unit_id, seat_id=acting.seat_id, started_at__lt=start)
    return Day(day, lines, shown, earlier.count())


def still_open(acting: Acting) -> tuple[DayLine, ...]:
    """The seat's own open visits, the oldest first, so many as are told beside a day."""
    rows = Visit.objects.filter(_OPEN, unit_id=acting.unit_id, seat_id=acting.seat_id)
    return _day_lines(rows.order_by("started_at")[:STILL_OPEN])


def _day_lines(rows: QuerySet[Visit]) -> tuple[DayLine, ...]:
    """Visits as lines; columns, not objects: a busy unit has hundreds a day."""
    found = list(rows.values_list(
        "pk", "subject_id", "seat__name", "kind", "chief_complaint", "started_at", "status"
    ))  # fmt: skip
    people = registry.briefs({row[1] for row in found})
    said = _said([row[0] for row in found])
    kinds = dict(Visit.Kind.choices)
    return tuple(
        DayLine(
            id=pk, subject_id=subject, patient=people[subject].name if subject in people else "—",
            age_sex=f"{people[subject].sex} {people[subject].age}" if subject in people else "", doctor=doctor,
            kind=str(kinds.get(kind, kind)), complaint=complaint, diagnosis="；".join(said.get(pk, ())[:3]), started_at=at,
            open=status == Visit.Status.OPEN,
        )
        for pk, subject, doctor, kind, complaint, at, status in found
    )  # fmt: skip


def _said(visit_ids: Sequence[int]) -> dict[int, list[str]]:
    """The diagnoses of these visits in words, the principal one first."""
    rows = Diagnosis.objects.filter(visit_id__in=visit_ids).order_by("-principal", "position")
    found: dict[int, list[str]] = {}
    for visit, *one in rows.values_list("visit_id", "code", "name", "principal", "certain"):
        found.setdefault(visit, []).append(DiagnosisLine(*one).text)
    return found


# ---- a person's record ------------------------------------------------------------------------


@dataclass(frozen=True)
class VisitLine:
    """A visit as other rooms see it."""

    id: int
    subject_id: int
    unit_id: int
    seat_id: int
    unit_name: str
    doctor: str
    kind_title: str
    started_at: datetime
    open: bool
    chief_complaint: str
    plan: str
    diagnoses: tuple[DiagnosisLine, ...]
    case_id: int | None

    @property
    def principal_code(self) -> str:
        return next((line.code for line in self.diagnoses if line.principal), "")

    @property
    def principal_name(self) -> str:
        return next((line.text for line in self.diagnoses if line.principal), "未诊断")


def line(visit: Visit) -> VisitLine:
    """A visit as a line."""
    return VisitLine(
        id=visit.pk, subject_id=visit.subject_id, unit_id=visit.unit_id, seat_id=visit.seat_id, unit_name=visit.unit.name,
        doctor=visit.seat.name,
        kind_title=visit.get_kind_display(), started_at=visit.started_at, open=visit.status == "open",
        chief_complaint=visit.chief_complaint, plan=visit.plan, diagnoses=tuple(diagnoses(visit)),
        case_id=visit.case_id,
    )  # fmt: skip


def visit_of(visit_id: int) -> VisitLine | None:
    """One visit as a line; None where the fence shows none."""
    found = visits().filter(pk=visit_id).first()
    return line(found) if found else None


def visits_of(
    subject_id: int, *, units: Sequence[int] | None = None, before: datetime | None = None, most: int = TIMELINE
) -> list[VisitLine]:
    """The visits of a person (of all merged entries) that the fence shows, the newest first."""
    rows = visits().filter(subject_id__in=registry.same_person(subject_id))
    if units is not None:
        rows = rows.filter(unit_id__in=list(units))
    if before is not None:
        rows = rows.filter(started_at__lt=before)
    return [line(visit) for visit in rows.order_by("-started_at")[:most]]


@once
def _recent(subject_id: int) -> tuple[Visit, ...]:
    """The newest visits of a person, wherever the fence shows them; fewer than :data:`RECENT` are all."""
    rows = visits().filter(subject_id__in=registry.same_person(subject_id))
    return tuple(rows.order_by("-started_at")[:RECENT])


def visits_at(subject_id: int, units: Sequence[int], most: int) -> list[VisitLine]:
    """The newest visits of a person at these units; read together with what :func:`judged` and :func:`picture` ask."""
    recent = _recent(subject_id)
    found = [line(one) for one in recent if one.unit_id in units][:most]
    whole = len(recent) < RECENT or len(found) == most
    return found if whole else visits_of(subject_id, units=units, most=most)


def visit_count(subject_id: int, shown: Sequence[VisitLine] = ()) -> int:
    """How many visits of the person the fence shows; `shown`: the first page, where it is known and not full."""
    if 0 < len(shown) < TIMELINE:
        return len(shown)
    return Visit.objects.filter(subject_id__in=registry.same_person(subject_id)).count()


def allergies_of(group: Sequence[int]) -> registry.Allergies:
    """What a person is allergic to (port ``allergies``); `group`: all subjects that stand for the person."""
    return allergic(Allergy.objects.filter(subject_id__in=list(group), ended_at=None).order_by("-noted_at")[:20])


def allergic(rows: Iterable[Allergy]) -> registry.Allergies:
    """What the notes about a person say together, the newest first."""
    rows = list(rows)
    substances = tuple(dict.fromkeys(row.substance for row in rows if row.substance))
    if substances:
        return registry.Allergies(substances, "")
    return registry.Allergies(
        (), f"无已知过敏（{calendar.local(rows[0].noted_at):%Y-%m-%d} 询问）" if rows else "未询问"
    )


def problems_of(subject_id: int) -> list[Problem]:
    """Lasting problems of a person that have not ended, the newest first; each code once."""
    rows = Problem.objects.filter(subject_id__in=registry.same_person(subject_id), ended=None).order_by("-since", "pk")
    return list({row.code: row for row in rows[:50]}.values())


# ---- what rules and referrals look at ----------------------------------------------------------


def measurements(visit: Visit) -> dict[str, Decimal]:
    """What was measured, as decimals."""
    found = {sign.code: getattr(visit, sign.code) for sign in VITALS}
    return {code: Decimal(value) for code, value in found.items() if value is not None}


def _saved(of: VisitLine) -> Visit:
    return next((one for one in _recent(of.subject_id) if one.pk == of.id), None) or get(of.id)


def picture(of: VisitLine) -> Picture:
    """A saved visit as rules judge it. Raises Visit.DoesNotExist."""
    visit = _saved(of)
    return picture_of(visit, held_by(visit), diagnoses(visit), problems_of(visit.subject_id))


def held_by(visit: Visit) -> dict[str, Any]:
    """What a saved visit holds of that which may also be just being typed."""
    return {
        "vitals": measurements(visit), "red_flags": frozenset(visit.red_flags), "consciousness": visit.consciousness,
        "glucose_fasting": visit.glucose_fasting, "days_ill": visit.days_ill, "pregnant": visit.pregnant,
        "gestation_weeks": visit.gestation_weeks,
    }  # fmt: skip


def picture_of(
    visit: Visit, held: dict[str, Any], lines: Sequence[DiagnosisLine], problems: Iterable[Problem]
) -> Picture:
    """A visit with what is being typed into it, as rules judge it. Raises Resident.DoesNotExist."""
    sex, birth = registry.sex_and_birth(visit.subject_id)
    return pictured(visit, held, lines, sex, birth, [one.code for one in problems])


def pictured(
    visit: Visit, held: dict[str, Any], lines: Sequence[DiagnosisLine], sex: str, birth: date, problems: Sequence[str]
) -> Picture:
    """The same, with the person already read."""
    on = calendar.local(visit.started_at).date()
    return Picture(
        subject_id=visit.subject_id, unit_id=visit.unit_id, visit_id=visit.pk, kind=visit.kind, sex=sex,
        age_days=age_in_days(birth, on), age_years=calendar.age(birth, on).years,
        codes=tuple(one.code for one in lines), names=tuple(one.name for one in lines),
        certain=all(one.certain for one in lines if one.principal), problems=tuple(problems), **held,
    )  # fmt: skip


def judged(of: VisitLine) -> tuple[Picture, VisitSummary]:
    """A saved visit as rules judge it, and the copy that goes with a referral; it and what came before are read together.

    Raises Visit.DoesNotExist.
    """
    visit, recent = _saved(of), _recent(of.subject_id)
    before = [line(one) for one in recent if one.started_at < visit.started_at][:EARLIER]
    if len(before) < EARLIER and len(recent) == RECENT:
        before = visits_of(visit.subject_id, before=visit.started_at, most=EARLIER)
    problems = problems_of(visit.subject_id)
    judge = picture_of(visit, held_by(visit), diagnoses(visit), problems)
    return judge, _summary(visit, problems, before)


def summary(visit_id: int) -> VisitSummary:
    """A dated copy of a visit with allergies, problems and what came before. Raises Visit.DoesNotExist."""
    visit = get(visit_id)
    before = visits_of(visit.subject_id, before=visit.started_at, most=EARLIER)
    return _summary(visit, problems_of(visit.subject_id), before)


def _summary(visit: Visit, problems: Iterable[Problem], before: Iterable[VisitLine]) -> VisitSummary:
    return summed_up(
        visit, allergies_of(registry.same_person(visit.subject_id)), problems,
        [earlier_visit(one.started_at, one.unit_name, one.principal_name, one.plan)
         for one in before],
    )  # fmt: skip


def summed_up(
    visit: Visit, known: registry.Allergies, problems: Iterable[Problem], earlier: Iterable[EarlierVisit]
) -> VisitSummary:
    """The same, with what is known of the person already read."""
    labels = {choice.code: choice.label for choice in wiring.offer("PORTS", {}).get("red_flags", ())}
    return VisitSummary(
        visit_id=visit.pk, taken_at=stamp(calendar.now()), unit=visit.unit.name, doctor=visit.seat.name,
        kind=visit.get_kind_display(), started_at=stamp(visit.started_at), chief_complaint=visit.chief_complaint,
        history=visit.history, examination=visit.examination, plan=visit.plan, vitals=measured(measurements(visit)),
        red_flags=tuple(labels.get(code, code) for code in visit.red_flags), diagnoses=tuple(diagnoses(visit)),
        allergies=known.substances or (known.note,),
        problems=tuple(f"{p.name}（{p.since:%Y-%m} 起）" for p in problems), earlier=tuple(earlier),
    )  # fmt: skip


def earlier_visit(at: datetime, unit: str, diagnosis: str, plan: str) -> EarlierVisit:
    """A line about a visit before."""
    return EarlierVisit(f"{calendar.local(at):%Y-%m-%d}", unit, f"{diagnosis} {plan[:60]}".strip())


def visited_since(subject_id: int, days: int) -> bool:
    """Whether the fence shows a visit of the person in the last days."""
    since = calendar.now() - timedelta(days=days)
    return Visit.objects.filter(Q(subject_id__in=registry.same_person(subject_id)) & Q(started_at__gte=since)).exists()
