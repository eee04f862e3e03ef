"""Every read of the module's tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from yigongti.kernel.access.models import Unit
from yigongti.kernel.form import Choice

from .loader import shipped
from .models import Amendment, KeptSet
from .rules import change
from .rules.terms import STATUSES
from .shelves import shelf

_places: dict[tuple[str, int], str] = {}
"""(database, unit) → division code. A unit does not move; only the process that saw it keeps it."""


@dataclass(frozen=True, slots=True)
class AmendmentRow:
    """An amendment as its desk shows it; texts in the user's words, days as dates."""

    case_id: int
    key: str
    title: str
    place: str
    place_title: str
    before: str
    after: str
    starts: date
    ends: date | None
    citation: str
    status_title: str
    reason: str
    comment: str
    evidence: str


def by_case(ids: Sequence[int]) -> Mapping[int, AmendmentRow]:
    """The amendments of these cases, in one query."""
    parameters, places = shipped().parameters, shelf().places
    found = {}
    for row in Amendment.objects.filter(pk__in=ids):
        known = parameters.get(row.key)
        place = places.get(row.place)
        found[row.pk] = AmendmentRow(
            case_id=row.pk, key=row.key, title=known.title if known else row.key, place=row.place,
            place_title=place.title if place else row.place, before=row.before, after=row.written, starts=row.starts,
            ends=row.ends, citation=f"{row.source} {row.clause}", status_title=STATUSES.get(row.status, row.status),
            reason=row.reason, comment=row.comment, evidence=row.evidence,
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Proposed:
    """An amendment of one parameter: what it changes, from which day, how it was decided."""

    case_id: int
    proposed_at: datetime
    place_title: str
    before: str
    after: str
    starts: date
    citation: str
    decision: str
    tone: str
    open: bool

    @property
    def changes(self) -> list[str]:
        """What moves, a line a row."""
        return change.moved(self.before, self.after)


_TONES = {"": "due", "approved": "fine", "rejected": "late", "withdrawn": "plain"}


def amendments_of(key: str, most: int = 20) -> list[Proposed]:
    """Amendments of a parameter that the seat sees, the open ones first, then the newest."""
    places = shelf().places
    rows = Amendment.objects.filter(key=key).order_by("decision", "-proposed_at")[:most]
    return [
        Proposed(
            case_id=row.pk, proposed_at=row.proposed_at, before=row.before, after=row.written, starts=row.starts,
            place_title=places[row.place].title if row.place in places else row.place,
            citation=f"{row.source} {row.clause}", decision=row.get_decision_display(),
            tone=_TONES[row.decision], open=row.decision == "",
        )
        for row in rows
    ]  # fmt: skip


def places_of(acting: Any) -> tuple[Choice, ...]:
    """Division codes that the seat may amend: its own place first, then those of the units in its reach."""
    if acting is None:
        return tuple(Choice(place.code, place.title) for place in shipped().places.values())
    own = acting.place[:6]
    inside = Unit.objects.filter(pk__in=acting.units).values_list("place", flat=True).distinct()
    known = shelf()
    codes = dict.fromkeys([own, *sorted({place[:6] for place in inside})])
    return tuple(Choice(code, known.chain(code)[0].title) for code in codes)


def place_of(unit_id: int) -> str:
    """The division code whose rules a unit follows. Raises Unit.DoesNotExist."""
    where = (str(connection.settings_dict["NAME"]), unit_id)
    place = _places.get(where)
    if place is None:
        place = _places[where] = str(Unit.objects.values_list("place", flat=True).get(pk=unit_id))
    return place


def kept(hash_: str) -> KeptSet:
    """The set kept under a hash. Raises KeptSet.DoesNotExist."""
    found: KeptSet = KeptSet.objects.get(pk=hash_)
    return found
