"""Referrals as rows: lines of the desk, of a visit, of a person; how the patient sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from yigongti.kernel.case.facade import Case, flow_of
from yigongti.kernel.case.queries import holder_text
from yigongti.registry import facade as registry
from yigongti.service.referral.models import Referral

# ---- rows -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """What a desk's list knows of a referral beside its case."""

    patient: str
    age_sex: str
    diagnosis: str
    urgency: str
    urgency_title: str
    department: str
    specialist: str
    appointment_at: datetime | None
    declined: str
    direction: str
    row: Referral


_LONG = ("criteria", "summary", "consent", "down_criteria", "drugs", "return_consent", "treatment", "return_plan")
"""Columns of a referral that no list shows; reading them for fifty rows costs more than the rows."""


def by_case(case_ids: Sequence[int]) -> dict[int, Line]:
    """Referrals of these cases as lines, with the patients' names as far as the fence shows them."""
    found = Referral.objects.select_related("specialist").filter(pk__in=list(case_ids))
    rows = list(found.defer(*_LONG) if len(case_ids) > 1 else found)  # a case's own page shows all of it
    people = registry.briefs({row.subject_id for row in rows})
    return {row.pk: line_of(row, people.get(row.subject_id)) for row in rows}


def line_of(row: Referral, person: Any) -> Line:
    """One referral as a line; `person` None: the fence shows nobody."""
    from yigongti.service.referral import words

    return Line(
        patient=person.name if person else "—", age_sex=f"{person.sex} {person.age}" if person else "—",
        diagnosis=f"{row.dx_name}", urgency=row.urgency, urgency_title=row.get_urgency_display(),
        department=row.department or row.wanted_department, specialist=row.specialist.name if row.specialist else "",
        appointment_at=row.appointment_at, direction=row.get_direction_display(), row=row,
        declined=words.word(words.DECLINES, row.declined_code) if row.declined_code else "",
    )  # fmt: skip


def of_case(case_id: int) -> Referral | None:
    """The referral of a case with who sent and who treats; None where the fence hides it."""
    return Referral.objects.select_related("sender", "specialist", "visit").filter(pk=case_id).first()


def of_visit(visit_id: int) -> list[Referral]:
    """Referrals that were sent on the ground of a visit, the newest first."""
    return list(Referral.objects.select_related("case", "case__to_unit").filter(visit_id=visit_id).order_by("-sent_at"))


def of_person(subject_id: int, most: int = 50) -> list[Referral]:
    """Referrals of a person (of all merged entries), the newest first."""
    rows = Referral.objects.select_related(
        "case", "case__from_unit", "case__to_unit", "case__holder_unit", "case__holder_seat"
    )
    return list(rows.filter(subject_id__in=registry.same_person(subject_id)).order_by("-sent_at")[:most])


def expected(subject_id: int, unit_ids: Sequence[int]) -> list[Referral]:
    """Referrals that bring this person to these units now: the evidence of a visit by appointment."""
    rows = Referral.objects.select_related("case").filter(
        subject_id__in=registry.same_person(subject_id), case__to_unit_id__in=list(unit_ids), direction="up",
        case__closed_at=None, case__state__in=("accepted", "arrived"),
    )  # fmt: skip
    return list(rows.order_by("-sent_at")[:5])


def called(subject_id: int) -> str:
    """A person in a case's title: name, sex and age. No diagnosis: the title is seen by whoever hears of the case."""
    person = registry.brief(subject_id)
    return f"{person.name}（{person.sex}，{person.age}）" if person else "居民"


# ---- for the resident -------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step of a referral's way: done, where it stands, or to come."""

    title: str
    at: datetime | None
    here: bool = False


@dataclass(frozen=True)
class Progress:
    """A referral as its patient sees it."""

    case_id: int
    number: str
    direction: str
    diagnosis: str
    from_name: str
    to_name: str
    state: str
    meaning: str
    holder: str
    due: datetime | None
    department: str
    appointment_at: datetime | None
    plan: str
    drugs: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...]
    closed: bool


def progress_for_resident(subject_id: int) -> list[Progress]:
    """Every referral of the person: where it stands, who holds it, until when, what comes next."""
    return [progress(row) for row in of_person(subject_id)]


def progress(row: Referral) -> Progress:
    """One referral as its patient sees it; the row carries its case with units and holder."""
    case: Case = row.case
    state = flow_of(case.flow, case.flow_version).state(case.state)
    return Progress(
        case_id=case.pk, number=case.number, direction=row.get_direction_display(), diagnosis=row.dx_name,
        from_name=case.from_unit.name, to_name=case.to_unit.name, state=state.title, meaning=state.meaning,
        holder=holder_text(case, state), due=case.due, department=row.department,
        appointment_at=row.appointment_at if case.state == "accepted" else None,
        plan=row.return_plan, drugs=tuple(row.drugs), steps=steps(row), closed=case.closed_at is not None,
    )  # fmt: skip


_UP_STEPS = (
    ("发出", "sent_at"), ("接收", "accepted_at"), ("到院", "arrived_at"), ("诊治", "treated_at"),
    ("接回", "confirmed_at"),
    ("随访", "followed_at"),
)  # fmt: skip
_DOWN_STEPS = (("下转", "returned_at"), ("接收", "confirmed_at"), ("随访", "followed_at"))


def steps(row: Referral) -> tuple[Step, ...]:
    """The way of a referral with what is done; the first step not done is where it stands, while it is open."""
    way = _UP_STEPS if row.direction == Referral.Direction.UP else _DOWN_STEPS
    out = [Step(title, getattr(row, name)) for title, name in way]
    if row.case.closed_at is None:
        first = next((i for i, step in enumerate(out) if step.at is None), None)
        if first is not None:
            out[first] = replace(out[first], here=True)
    return tuple(out)
