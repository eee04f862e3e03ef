"""Every read of referral: proposals, who can receive, rows for the desk, a resident's progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.access.models import Seat
from yigongti.kernel.access.once import once
from yigongti.kernel.case.facade import Case, flow_of
from yigongti.kernel.case.queries import holder_text
from yigongti.kernel.form import Choice, Env
from yigongti.registry import facade as registry
from yigongti.service.care import facade as care
from yigongti.service.referral import rules as r
from yigongti.service.referral.criteria import shipped
from yigongti.service.referral.models import Referral

LEVELS: Mapping[str, str] = {
    "village_clinic": "village", "community_station": "village", "township_centre": "township",
    "community_centre": "township", "county_general": "county", "county_tcm": "county", "mch": "county",
    "specialist": "county",
}  # fmt: skip
"""Kinds of institutions by the level that the criteria speak of."""
HOSPITALS = ("county_general", "county_tcm", "mch", "specialist")
BASES = ("township_centre", "community_centre", "village_clinic", "community_station")
VISITS = 10
"""Visits offered as the ground of a referral, the newest first."""
GLUCOSE = "glucose_mmol_l"


# ---- rules over what is in the database --------------------------------------------------------


def ability(unit_id: int) -> r.Ability:
    """What an institution can treat today; a department answers for its institution."""
    found = registry.institution_of(unit_id)
    if found is None:
        return r.Ability(unit_id, "", "")
    return _ability(found)


def _ability(institution: Any) -> r.Ability:
    prefixes = tuple(line.prefix for line in registry.abilities(institution.pk))
    return r.Ability(institution.pk, institution.unit.name, LEVELS.get(institution.kind, ""), prefixes)


def findings(picture: care.Picture, principal: str = "") -> r.Findings:
    """What the rules look at, from a visit's picture; names of facts as in the criteria."""
    codes = tuple(dict.fromkeys((principal, *picture.codes))) if principal else picture.codes
    vitals = picture.vitals
    alert = care.ALERT_GCS if picture.consciousness == "alert" else None
    facts: dict[str, Any] = {
        "sbp": vitals.get("systolic_mmhg"), "dbp": vitals.get("diastolic_mmhg"),
        "temperature": vitals.get("temperature_c"), "heart_rate": vitals.get("pulse_per_min"),
        "resp_rate": vitals.get("breaths_per_min"), "spo2": vitals.get("spo2_percent"),
        "fbg": vitals.get(GLUCOSE) if picture.glucose_fasting else None,
        "rbg": vitals.get(GLUCOSE) if picture.glucose_fasting is False else None,
        "hb": vitals.get("hemoglobin_g_l"), "gcs": vitals.get("gcs", alert), "pain_score": vitals.get("pain_score"),
        "consciousness": picture.consciousness or None, "age_years": picture.age_years, "age_days": picture.age_days,
        "days_ill": picture.days_ill, "pregnant": picture.pregnant, "gest_weeks": picture.gestation_weeks,
    }  # fmt: skip
    return r.Findings(codes, facts, picture.red_flags)


def proposal_up(picture: care.Picture, acting: Acting, *, principal: str = "") -> r.Proposal:
    """Whether this visit should go up, and why, by the lists and criteria of today."""
    return r.propose_up(
        shipped(),
        findings(picture, principal),
        here=ability(picture.unit_id),
        on=calendar.today(),
        certain=picture.certain,
    )


def receivers(acting: Acting, code: str, urgency: str) -> tuple[r.Receiver, ...]:
    """The county hospitals of the seat's consortium that can receive this disease, the lead first."""
    hospitals = _hospitals(acting.consortium_id)
    lead = registry.lead_of(acting.consortium_id)
    grade: r.Urgency = urgency if urgency in r.URGENCIES else "routine"
    here = registry.institution_of(acting.unit_id)
    able = [_ability(one) for one in hospitals if here is None or one.pk != here.pk]
    return r.receivers(able, code, urgency=grade, lead=lead.pk if lead else None)


@once
def _hospitals(consortium_id: int | None) -> list[Any]:
    return list(registry.institutions(HOSPITALS, consortium_id))


def specialists(unit_id: int) -> QuerySet[Seat]:
    """Live specialist seats of an institution."""
    return registry.seats_at(unit_id, "referral.specialist")


# ---- choices of the forms ---------------------------------------------------------------------


def receiver_choices(env: Env) -> list[Choice]:
    """County hospitals, each with whether its list holds the disease that the form is about."""
    acting = env.acting or current()
    code = _code_of(env)
    everyone = receivers(acting, code or "?", "emergency")
    return [Choice(str(one.unit_id), one.name, _held(code, one)) for one in everyone]


def _held(code: str, one: r.Receiver) -> str:
    if not code:
        return ""
    return "能力清单含该病种" if one.holds else "能力清单不含该病种，仅接收急症"


def _code_of(env: Env) -> str:
    if env.case is not None:
        return Referral.objects.filter(pk=env.case.pk).values_list("dx_code", flat=True).first() or ""
    visit = newest_visit(env.acting or current(), env.subject_id)
    return visit.principal_code if visit else ""


def visit_choices(env: Env) -> list[Choice]:
    """The newest visits of the person at the seat's own units."""
    acting = env.acting or current()
    if env.subject_id is None:
        return []
    return [
        Choice(
            str(one.id),
            f"{calendar.local(one.started_at):%Y-%m-%d %H:%M} {one.kind_title} {one.principal_name}",
            one.unit_name,
        )
        for one in _visits_here(env.subject_id, acting.units)
    ]


@once
def _visits_here(subject_id: int, units: tuple[int, ...]) -> list[care.VisitLine]:
    return care.visits_of(subject_id, units=units, most=VISITS)


def newest_visit(acting: Acting, subject_id: int | None) -> care.VisitLine | None:
    """The visit that a referral starts from: the seat's own open one, else the newest at its units."""
    if subject_id is None:
        return None
    found = _visits_here(subject_id, acting.units)
    own = next((one for one in found if one.open and one.seat_id == acting.seat_id), None)
    return own or next(iter(found), None)


def base_choices(env: Env) -> list[Choice]:
    """Primary care that may take the person back: the responsible ones, then other township centres."""
    acting = env.acting or current()
    near: list[int] = []
    if env.subject_id is not None:
        resident = registry.get(env.subject_id)
        near = [unit for unit in (resident.township_id, resident.home_id) if unit]
    rows = {one.pk: one for one in registry.institutions(BASES, acting.consortium_id)}
    first = [rows[unit] for unit in near if unit in rows]
    others = [one for one in rows.values() if one.pk not in near and LEVELS[one.kind] == "township"]
    return [Choice(str(one.pk), one.unit.name, "责任机构" if one.pk in near else "") for one in (*first, *others)]


class SpecialistSource:
    """Look-up source ``referral_specialist``: the specialists of the own unit, by name, department or initials."""

    def get(self, code: str) -> Choice | None:
        if not code.isdecimal():
            return None
        return next((_seat_choice(s) for s in self._seats().filter(pk=int(code))), None)

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        from yigongti.kernel import pinyin

        wanted, found = text.lower(), []
        for seat in self._seats():
            if wanted in f"{seat.name} {_place_of(seat)}" or any(
                letters.startswith(wanted)
                for letters in (pinyin.name(seat.name).initials, pinyin.words(_department(seat)).initials)
            ):
                found.append(_seat_choice(seat))
        return found[:limit]

    def _seats(self) -> QuerySet[Seat]:
        return specialists(current().unit_id)


def _seat_choice(seat: Seat) -> Choice:
    return Choice(str(seat.pk), seat.name, _place_of(seat))


def _department(seat: Seat) -> str:
    return str(getattr(seat, "department", ""))


def _place_of(seat: Seat) -> str:
    return f"{_department(seat)} {seat.title}".strip()


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


def by_case(case_ids: Sequence[int]) -> dict[int, Line]:
    """Referrals of these cases as lines, with the patients' names as far as the fence shows them."""
    rows = list(Referral.objects.select_related("specialist").filter(pk__in=list(case_ids)))
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
    person = registry.briefs([subject_id]).get(subject_id)
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
