"""Catchment as pages show it: who is responsible for which place, what is to come, whom a change affects, what has nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet

from yigongti.kernel import calendar
from yigongti.registry.models import Belonging, Catchment, Place, Resident
from yigongti.registry.queries.network import on_day


def lines(township_id: int | None = None, name: str = "") -> QuerySet[Catchment]:
    """Lines in force today or to come, by place."""
    rows = Catchment.objects.exclude(ends__lt=calendar.today()).select_related("consortium", "township", "clinic")
    if township_id is not None:
        rows = rows.filter(township_id=township_id)
    if name:
        named = Place.objects.filter(name__contains=name, level__gte=4).values("pk")
        rows = rows.filter(Q(place__in=named) | Q(clinic__name__contains=name))
    return rows.order_by("place", "starts")


def history(place: str) -> QuerySet[Catchment]:
    """Every line of a place, the newest first."""
    rows = Catchment.objects.filter(place=place).select_related("consortium", "township", "clinic")
    return rows.order_by("-starts")


def places(codes: set[str]) -> dict[str, Place]:
    """Divisions by code."""
    return Place.objects.in_bulk(codes)


def people(place: str, on: date | None = None) -> int:
    """Living residents whom a line of this place is about: of the place, or of a township those without a line of their own."""
    rows = Resident.objects.exclude(status=Resident.Status.DEAD)
    if not place.endswith("000"):
        return rows.filter(place=place).count()
    own = Catchment.objects.filter(on_day(on), place__startswith=place[:9]).exclude(place=place).values("place")
    return rows.filter(place__startswith=place[:9]).exclude(place__in=own).count()


@dataclass(frozen=True)
class Gap:
    """A place that nobody is responsible for on a day, from then until the next line begins (None: no end in sight)."""

    place: str
    name: str
    residents: int
    until: date | None


def gaps(area: str, on: date | None = None) -> list[Gap]:
    """Villages of an area (the digits its places begin with) that no line covers on a day: neither their own nor their township's."""
    rows = Catchment.objects.filter(place__startswith=area)
    covered = set(rows.filter(on_day(on)).values_list("place", flat=True))
    coming: dict[str, date] = {}
    for place, starts in (
        rows.filter(starts__gt=on or calendar.today()).order_by("-starts").values_list("place", "starts")
    ):
        coming[place] = starts
    villages = Place.objects.filter(code__startswith=area, level=Place.Level.VILLAGE).order_by("pk")
    found = [p for p in villages if p.code not in covered and _town(p.code) not in covered]
    if not found:
        return []
    living = Resident.objects.filter(place__in=[p.code for p in found]).exclude(status=Resident.Status.DEAD)
    lived = dict(living.values_list("place").annotate(n=Count("subject_id")))
    return [
        Gap(p.code, p.full_name, lived.get(p.code, 0), _eve(coming.get(p.code) or coming.get(_town(p.code))))
        for p in found
    ]


def _town(place: str) -> str:
    return place[:9] + "000"


def _eve(day: date | None) -> date | None:
    return day - timedelta(days=1) if day else None


@dataclass(frozen=True)
class Mismatch:
    """A line whose township centre belongs to another consortium than the line says."""

    line: Catchment
    actual: str


def mismatches() -> list[Mismatch]:
    """Lines in force in which consortium and township centre don't fit each other."""
    rows = Catchment.objects.filter(on_day()).exclude(township__consortium=F("consortium"))
    rows = rows.select_related("consortium", "township__consortium").order_by("place")
    return [Mismatch(line, line.township.consortium.name if line.township.consortium else "") for line in rows]


def outside() -> int:
    """Residents who live outside the county, so nobody's here: registered, not in the catchment."""
    return Resident.objects.filter(consortium=None).exclude(status=Resident.Status.DEAD).count()


@dataclass(frozen=True)
class Stay:
    """A time in which units were responsible for a resident; `ends` None: they are now."""

    starts: date
    ends: date | None
    consortium: str
    township: str
    clinic: str
    why: str


def belonged(subject_id: int) -> list[Stay]:
    """Who was responsible for a resident when, the present first; each day has one line. [] for nobody visible."""
    one = Resident.objects.filter(pk=subject_id).select_related("home", "township", "consortium").first()
    if one is None:
        return []
    rows = Belonging.objects.filter(subject_id=subject_id).select_related("home", "township", "consortium")
    past = [
        Stay(row.starts, row.ends, *_names(row.consortium, row.township, row.home), row.why)
        for row in rows.order_by("-starts")
    ]
    begun = past[0].ends + timedelta(days=1) if past and past[0].ends else calendar.local(one.registered_at).date()
    return [Stay(begun, None, *_names(one.consortium, one.township, one.home), ""), *past]


def _names(consortium: object, township: object, home: object) -> tuple[str, str, str]:
    clinic = "" if home == township else getattr(home, "name", "")
    return getattr(consortium, "name", ""), getattr(township, "name", ""), clinic
