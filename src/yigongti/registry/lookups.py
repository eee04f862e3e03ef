"""Look-up sources of form fields: diagnoses, units, seats, residents, places. All see through the fence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, Q, When
from django.db.models.functions import Length

from yigongti.kernel.access.door import current
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.form import Choice
from yigongti.registry.models import IcdCode, Place, Resident
from yigongti.registry.queries import search as people
from yigongti.registry.queries.network import diagnosis, diagnosis_titles

_INSIDE = 3
"""Letters from which initials are looked for inside a name as well; fewer would list half the table."""


def _letters(text: str) -> str:
    return text.lower() if text.isascii() and text.isalpha() else ""


class Diagnoses:
    """ICD-10 codes (port ``icd10``): the official table where one was imported, else the starter list."""

    def get(self, code: str) -> Choice | None:
        found = diagnosis(code.strip().upper())
        return Choice(found.code, found.name, "") if found else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        """By code, name, other name or initials, also from their middle (gxy finds 原发性高血压).

        What was typed in full comes first, then what begins with it; among these the long-term diseases that
        primary care sees daily, then short names.
        """
        plain = text.strip()
        letters = _letters(plain)
        exact = Q(code=plain.upper()) | Q(name=plain)
        begins = exact | Q(code__startswith=plain.upper()) | Q(name__startswith=plain)
        inside = begins | Q(name__contains=plain) | Q(aliases__contains=plain)
        if letters:
            begins |= Q(initials__startswith=letters)
            inside = begins if len(letters) < _INSIDE else begins | Q(initials__contains=letters)
        rank = Case(When(exact, then=0), When(~Q(chronic=""), then=1), When(begins, then=2), default=3)
        rows = IcdCode.objects.filter(inside, active=True).order_by(rank, Length("name"), "code")
        best: dict[str, IcdCode] = {}
        for one in rows[: limit * 2]:
            if one.code not in best or one.system != "starter":
                best[one.code] = one
        return [Choice(c.code, c.name, f"{c.code}{'（起始清单）' if c.system == 'starter' else ''}")
                for c in list(best.values())[:limit]]  # fmt: skip


@dataclass(frozen=True)
class Units:
    """Institutions and other units (port ``unit``); `kinds` narrows to kinds of ``access.Unit``."""

    kinds: tuple[str, ...] = ("institution", "consortium", "region")

    def get(self, code: str) -> Choice | None:
        unit = Unit.objects.filter(Q(pk=int(code)) if code.isdigit() and len(code) < 10 else Q(code=code)).first()
        return Choice(str(unit.pk), unit.name, unit.code) if unit else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        plain = text.strip()
        acting = current()
        rows = Unit.objects.filter(kind__in=self.kinds, active=True, region_id=acting.region_id or acting.unit_id)
        region = Unit.objects.filter(pk=acting.region_id or acting.unit_id, kind__in=self.kinds)
        wanted = Q(name__contains=plain) | Q(code__istartswith=plain)
        found = list(region.filter(wanted)) + list(rows.filter(wanted).order_by("path")[:limit])
        letters = _letters(plain)
        if letters and len(found) < limit:
            from yigongti.kernel import pinyin

            known = {u.pk for u in found}
            others = rows.order_by("path")[:2_000]
            found += [u for u in others if u.pk not in known and pinyin.words(u.name).initials.startswith(letters)]
        return [Choice(str(u.pk), u.name, u.code) for u in found[:limit]]


class Seats:
    """Live seats of staff (port ``seat``)."""

    def get(self, code: str) -> Choice | None:
        if not code.isdigit() or len(code) > 15:
            return None
        seat = Seat.objects.select_related("unit", "role").filter(pk=int(code), subject=None).first()
        return _seat(seat) if seat else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        rows = Seat.objects.select_related("unit", "role").filter(
            Q(name__startswith=text.strip()) | Q(unit__name__contains=text.strip()) | Q(title__contains=text.strip())
            | Q(role__title__contains=text.strip()), ends=None, subject=None,
            role__robot=False,
        )  # fmt: skip
        return [_seat(seat) for seat in rows.order_by("name")[:limit]]


def _seat(seat: Seat) -> Choice:
    return Choice(str(seat.pk), seat.name, f"{seat.unit.name} {seat.title or seat.role.title}")


class Residents:
    """Persons (port ``resident``): found by the person search, so counted, capped and logged."""

    def get(self, code: str) -> Choice | None:
        if not code.isdigit() or len(code) > 15:
            return None
        found = Resident.objects.filter(pk=int(code)).first()
        return _resident(found) if found else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        acting = current()
        if not acting.may("resident.search"):
            return []
        found = people.search(acting, text)
        return [Choice(str(c.subject_id), c.name, c.text) for c in found.candidates[:limit] if c.visible]


def _resident(found: Resident) -> Choice:
    return Choice(
        str(found.pk),
        found.name,
        f"{found.get_sex_display()} {found.birth_date} 生 · 档案尾号 {found.record_number[-4:]}",
    )


class Places:
    """Divisions (port ``place``), villages of the seat's county first."""

    def get(self, code: str) -> Choice | None:
        place = Place.objects.filter(pk=code).first() if code.isdigit() else None
        return Choice(place.code, place.name, place.full_name) if place else None

    def search(self, text: str, limit: int) -> Sequence[Choice]:
        plain = text.strip()
        letters = _letters(plain)
        wanted = Q(initials__startswith=letters) if letters else Q(name__contains=plain) | Q(code__startswith=plain)
        county = current().place[:6]
        rows = Place.objects.filter(wanted, level__gte=3)
        near = list(rows.filter(code__startswith=county).order_by("-level", "code")[:limit])
        far = (
            rows.exclude(code__startswith=county).order_by("-level", "code")[: limit - len(near)]
            if len(near) < limit
            else []
        )
        return [Choice(p.code, p.name, p.full_name) for p in [*near, *far]]


PORTS = {
    "icd10": Diagnoses(),
    "code_titles": diagnosis_titles,
    "unit": Units(),
    "seat": Seats(),
    "resident": Residents(),
    "place": Places(),
}
"""For the wiring."""
