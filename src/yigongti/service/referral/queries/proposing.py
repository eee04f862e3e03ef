"""What the rules say of a visit, who can receive, and the choices of the forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.access.models import Seat
from yigongti.kernel.access.once import once
from yigongti.kernel.form import Choice, Env
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry
from yigongti.service.booking import facade as booking
from yigongti.service.care import facade as care
from yigongti.service.referral import rules as r
from yigongti.service.referral.models import Referral
from yigongti.service.referral.queries.effective import in_force

LEVELS: Mapping[str, str] = {
    "village_clinic": "village", "community_station": "village", "township_centre": "township",
    "community_centre": "township", "county_general": "county", "county_tcm": "county", "mch": "county",
    "specialist": "county", "private_hospital": "county", "city_hospital": "city",
}  # fmt: skip
"""Kinds of institutions by the level that the criteria speak of."""
HOSPITALS = ("county_general", "county_tcm", "mch", "specialist", "private_hospital")
BASES = ("township_centre", "community_centre", "village_clinic", "community_station")
VISITS = 10
"""Visits offered as the ground of a referral, the newest first."""
GLUCOSE = "glucose_mmol_l"


# ---- rules over what is in the database --------------------------------------------------------


def ability(unit_id: int, code: str) -> r.Ability:
    """What an institution's list says today of a disease; a department answers for its institution."""
    found = registry.institution_of(unit_id)
    if found is None:
        return r.Ability(unit_id, "", "")
    return abilities([(found.pk, found.unit.name, found.kind)], code)[0]


def abilities(institutions: Sequence[tuple[int, str, str]], code: str) -> list[r.Ability]:
    """What the list of each of these institutions (id, name, kind) says today of a disease, in their order."""
    lists = registry.prefixes([pk for pk, _, _ in institutions], code)
    return [r.Ability(pk, name, LEVELS.get(kind, ""), lists[pk]) for pk, name, kind in institutions]


def level_of(unit_id: int) -> str:
    """At which level of the criteria a unit's institution stands; "" for none."""
    found = registry.institution_of(unit_id)
    return LEVELS.get(found.kind, "") if found is not None else ""


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
    on = calendar.today()
    found = findings(picture, principal)
    return r.propose_up(
        in_force(acting.place, on).criteria, found, here=ability(picture.unit_id, next(iter(found.codes), "")), on=on,
        certain=picture.certain,
    )  # fmt: skip


def receivers(acting: Acting, code: str, urgency: str) -> tuple[r.Receiver, ...]:
    """Who stands higher and can receive this disease, the next level first: hospitals of the seat's consortium, whoever
    else of it has a referral desk, and leads of alliances that the institution itself belongs to."""
    grade: r.Urgency = urgency if urgency in r.URGENCIES else "routine"
    here, above = registry.institution_of(acting.unit_id), higher(acting)
    lead = next((one.pk for one in above if one.lead), None)
    levels = {LEVELS[one.kind] for one in above}
    if here is not None:  # its own list is judged next: both are read at once
        registry.prefixes([here.pk, *(one.pk for one in above)], code)
    able = abilities([(one.pk, one.name, one.kind) for one in above], code)
    return r.receivers(able, code, urgency=grade, lead=lead, levels=levels)


def higher(acting: Acting) -> list[registry.Higher]:
    """Institutions that stand higher than the seat's and can take its patients."""
    here = registry.institution_of(acting.unit_id)
    return registry.receiving(
        here.pk if here else acting.unit_id, acting.consortium_id, HOSPITALS, here.kind if here else ""
    )


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
        for one in visits_here(env.subject_id, acting.units)
    ]


@once
def visits_here(subject_id: int, units: tuple[int, ...]) -> list[care.VisitLine]:
    """The newest visits of a person at these units."""
    return care.visits_at(subject_id, units, VISITS)


def newest_visit(acting: Acting, subject_id: int | None) -> care.VisitLine | None:
    """The visit that a referral starts from: the seat's own open one, else the newest at its units."""
    if subject_id is None:
        return None
    found = visits_here(subject_id, acting.units)
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


OFFERED = 8
"""Free places of each kind that an acceptance offers, the earliest first."""


def offer_choices(env: Env) -> list[Choice]:
    """Free places of the own hospital within the days that policy lets one wait: experts, beds, examinations."""
    acting = env.acting or current()
    if env.case is None:
        return []
    days = int(policy.value("referral.appointment_within", place=acting.place, on=env.today).value)
    found: list[Choice] = []
    for kind in ("expert", "bed", "exam"):
        rows = booking.offers(
            acting=acting, kind=kind, unit_id=env.case.to_unit_id, start=env.today, days=days, channel="referral"
        )
        found += [
            Choice(str(one.id), f"{one.kind_title} {one.department} {one.title} {one.when}",
                   "预留给转诊" if one.reserved else "")
            for one in booking.first_of_each(rows)[:OFFERED]
        ]  # fmt: skip
    return found


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
