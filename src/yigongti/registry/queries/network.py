"""The network as it stands on a day: institutions, tree, ability lists, catchment, practice rights, places, codes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Left

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.access.once import once
from yigongti.registry.models import (
    AbilityItem,
    Alliance,
    AllianceMember,
    Catchment,
    IcdCode,
    Institution,
    Place,
    PracticeRight,
    Practitioner,
)
from yigongti.registry.rules.network import Practice, Right, covers, may_practise
from yigongti.registry.rules.places import full_code

DATA = Path(__file__).resolve().parent.parent / "data"
CATEGORY = 3
"""Characters of a diagnosis code that name its category."""


def on_day(day: date | None = None, prefix: str = "") -> Q:
    """Dated rows that are in force on a day (today)."""
    on = day or calendar.today()
    return Q(**{f"{prefix}starts__lte": on}) & (Q(**{f"{prefix}ends": None}) | Q(**{f"{prefix}ends__gte": on}))


def region_of(acting: Acting) -> int:
    """The unit of the seat's region: where supervisors and registrars sit."""
    return acting.region_id or acting.unit_id


def region_unit(acting: Acting) -> Unit:
    """The unit of the seat's region."""
    return Unit.objects.get(pk=region_of(acting))


@dataclass(frozen=True)
class Responsible:
    """Who is responsible for a place on a day; ids of units."""

    consortium_id: int
    township_id: int
    clinic_id: int | None


def responsible_for(place: str, on: date | None = None) -> Responsible | None:
    """The catchment of a place (twelve digits): its own line, else its township's. None: nobody's (outside)."""
    codes = [place, place[:9].ljust(12, "0")]
    rows = {c.place: c for c in Catchment.objects.filter(on_day(on), place__in=codes)}
    found = rows.get(codes[0]) or rows.get(codes[1])
    return Responsible(found.consortium_id, found.township_id, found.clinic_id) if found else None


@dataclass(frozen=True)
class Ability:
    """A line of an institution's function profile that is in force."""

    kind: str
    prefix: str
    title: str
    note: str


def abilities(unit_id: int, on: date | None = None) -> tuple[Ability, ...]:
    """The function profile of an institution on a day (N4)."""
    return _abilities(unit_id, on or calendar.today())


@once
def _abilities(unit_id: int, on: date) -> tuple[Ability, ...]:
    rows = AbilityItem.objects.filter(on_day(on), institution_id=unit_id).order_by("kind", "prefix")
    return tuple(Ability(*row) for row in rows.values_list("kind", "prefix", "title", "note"))


def prefixes(unit_ids: Sequence[int], code: str) -> Mapping[int, tuple[str, ...]]:
    """What the ability lists of these institutions, in force today, say of a disease: the prefixes that hold its code (N4).

    A county hospital's list has a thousand lines; a page asks it about one disease, several times.
    """
    if not code[:1].isalnum():  # a form in which no disease is chosen yet: no list holds that
        return dict.fromkeys(unit_ids, ())
    known = _said(code.upper())
    asked = [unit for unit in unit_ids if unit not in known]
    if asked:
        beginnings = [code[:end].upper() for end in range(1, len(code) + 1)]
        with connection.cursor() as cursor:
            cursor.execute(
                "select institution_id, array_agg(prefix order by kind, prefix) from registry_abilityitem"
                " where institution_id = any(%s) and upper(prefix) = any(%s::text[]) and starts <= %s"
                " and (ends is null or ends >= %s) group by 1",
                [asked, beginnings, calendar.today(), calendar.today()],
            )
            found = {unit: tuple(listed) for unit, listed in cursor.fetchall()}
        known |= {unit: found.get(unit, ()) for unit in asked}
    return {unit: known[unit] for unit in unit_ids}


@once
def _said(code: str) -> dict[int, tuple[str, ...]]:
    return {}


def can_treat(unit_id: int, code: str, on: date | None = None) -> Ability | None:
    """The line of the ability list that holds a diagnosis, the most specific one; None: not in the list."""
    rows = {a.prefix: a for a in abilities(unit_id, on)}
    return rows.get(covers(rows, code))


def practice(seat_id: int, kind: str, on: date | None = None) -> Practice:
    """Whether the person on this seat may do this at the seat's unit on the day (V6)."""
    seat = Seat.objects.get(pk=seat_id)
    person = Practitioner.objects.filter(account_id=seat.account_id).first() if seat.account_id else None
    if person is None:
        return Practice(False, "没有登记执业信息")
    rights = [
        Right(r.kind, r.unit_id, r.starts, r.ends, r.suspended_from, r.suspended_to, r.suspended_why)
        for r in PracticeRight.objects.filter(practitioner=person)
    ]
    return may_practise(rights, kind=kind, unit_id=seat.unit_id, on=on or calendar.today())


def institutions(kinds: Sequence[str] = (), consortium_id: int | None = None) -> QuerySet[Institution]:
    """Institutions with their units, county level first, then by code."""
    rows = Institution.objects.select_related("unit", "unit__parent").filter(unit__active=True)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    if consortium_id is not None:
        rows = rows.filter(unit__consortium_id=consortium_id)
    return rows.order_by("unit__path", "unit__code")


@once
def institution_of(unit_id: int) -> Institution | None:
    """The institution of a unit: itself, or the one its department belongs to."""
    rows = Institution.objects.select_related("unit")
    own = rows.filter(pk=unit_id).first()
    return own or rows.filter(unit__children=unit_id, unit__children__kind=Unit.Kind.DEPARTMENT).first()


@once
def lead_of(consortium_id: int | None) -> Institution | None:
    """The lead hospital of a consortium."""
    if consortium_id is None:
        return None
    return Institution.objects.select_related("unit").filter(leads__unit_id=consortium_id).first()


@once
def together(unit_id: int) -> frozenset[int]:
    """Institutions that today share a consortium or an urban group with this one, itself among them.

    For the people of such a group all of them treat inside it (徐州 一(一)1, 一、三), whatever their level; specialist
    alliances and telemedicine networks reach across and make nobody a hospital of the place.
    """
    groups = (Alliance.Kind.COUNTY, Alliance.Kind.URBAN)
    mine = Alliance.objects.filter(on_day(), kind__in=groups).filter(
        Q(lead_id=unit_id) | Q(pk__in=AllianceMember.objects.filter(on_day(), institution_id=unit_id).values("alliance_id"))
    )  # fmt: skip
    leads = dict(mine.values_list("pk", "lead_id"))
    members = AllianceMember.objects.filter(on_day(), alliance_id__in=leads).values_list("institution_id", flat=True)
    return frozenset({unit_id, *members, *(lead for lead in leads.values() if lead is not None)})


def seats_at(unit_id: int, right: str, on: date | None = None) -> QuerySet[Seat]:
    """Live seats at a unit whose role holds a right (a desk, its specialists), each with its ``department``."""
    works_in = Practitioner.objects.filter(account_id=OuterRef("account_id")).values("department")[:1]
    return Seat.objects.select_related("role", "unit").filter(
        on_day(on), unit_id=unit_id, role__rights__contains=[right], role__robot=False
    ).annotate(department=Coalesce(Subquery(works_in), Value(""))).order_by("name")  # fmt: skip


def place_name(code: str) -> str:
    """The full name of a division, "" when it is not in the table."""
    return Place.objects.filter(pk=full_code(code)).values_list("full_name", flat=True).first() or ""


def diagnosis(code: str) -> IcdCode | None:
    """A diagnosis code: of the official table where one was imported, else of the starter list."""
    return IcdCode.objects.filter(code=code, active=True).order_by("system").first()


def diagnosis_titles(codes: Iterable[str]) -> dict[str, str]:
    """What codes, or beginnings of codes of three characters and more, are called: of a beginning its unspecified disease (``.9``) or
    the shortest name, and how many names there are; nothing for what the table does not have.
    """
    asked = {code for code in codes if len(code) >= CATEGORY}
    rows = IcdCode.objects.annotate(category=Left("code", CATEGORY)).filter(
        category__in={code[:CATEGORY] for code in asked}, active=True
    )
    tables: dict[str, dict[str, str]] = {}
    for code, name in rows.order_by("code", "-system").values_list("code", "name"):
        tables.setdefault(code[:CATEGORY], {})[code] = (
            name  # of several tables the first by name stands, as in `diagnosis`
        )
    found = {code: _title(code, tables.get(code[:CATEGORY], {})) for code in asked}
    return {code: title for code, title in found.items() if title}


def _title(code: str, table: Mapping[str, str]) -> str:
    if code in table:
        return table[code]
    inside = {one: name for one, name in table.items() if one.startswith(code)}
    if not inside:
        return ""
    name = inside.get(f"{code}.9") or min(inside.values(), key=lambda one: (len(one), one))
    names = len(set(inside.values()))
    return name if names == 1 else f"{name}等 {names} 种"


@cache
def _chapters() -> tuple[tuple[str, str, str], ...]:
    with (DATA / "icd10_chapters.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["code_from"], row["code_to"], row["title"]) for row in csv.DictReader(file))


def diagnosis_chapter(prefix: str) -> tuple[str, str, str]:
    """The ICD-10 chapter of a code or of how it begins: first category, last category, title."""
    category = prefix[:3].ljust(3, "0")
    found = next((one for one in _chapters() if one[0] <= category <= one[1]), None)
    return found or (prefix, prefix, "其他")


def villages(township_unit_ids: Sequence[int]) -> QuerySet[Place]:
    """The places that these units are responsible for, as catchment lines name them."""
    wanted = Q(township_id__in=township_unit_ids) | Q(clinic_id__in=township_unit_ids)
    codes = Catchment.objects.filter(wanted, on_day(None)).values_list("place", flat=True)
    return Place.objects.filter(Q(pk__in=codes) | Q(parent_id__in=codes)).filter(level=5).order_by("pk")
