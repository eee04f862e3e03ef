"""Referrals as rows: lines of the desk, of a visit, of a person; how the patient sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from yigongti.kernel.case.facade import Case, flow_of
from yigongti.kernel.case.queries import holder_text
from yigongti.registry import facade as registry
from yigongti.service.referral import words
from yigongti.service.referral.models import Referral

# ---- rows -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """What a desk's list knows of a referral beside its case, whose title names the patient."""

    row: Referral

    @property
    def diagnosis(self) -> str:
        return str(self.row.dx_name)

    @property
    def urgency_title(self) -> str:
        return str(self.row.get_urgency_display())

    @property
    def department(self) -> str:
        return str(self.row.department or self.row.wanted_department)

    @property
    def specialist(self) -> str:
        return self.row.specialist.name if self.row.specialist else ""

    @property
    def appointment_at(self) -> datetime | None:
        at: datetime | None = self.row.appointment_at
        return at

    @property
    def declined(self) -> str:
        return words.word(words.DECLINES, self.row.declined_code) if self.row.declined_code else ""


_LONG = ("criteria", "summary", "consent", "down_criteria", "drugs", "return_consent", "treatment", "return_plan")
"""Columns of a referral that no list shows; reading them for fifty rows costs more than the rows."""


def by_case(case_ids: Sequence[int]) -> dict[int, Line]:
    """Referrals of these cases as lines, as far as the fence shows them."""
    found = Referral.objects.select_related("specialist").filter(pk__in=list(case_ids))
    rows = found.defer(*_LONG) if len(case_ids) > 1 else found  # a case's own page shows all of it
    return {row.pk: Line(row) for row in rows}


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
