"""Reading what befell a person: cards and their uses, moves and deaths, mother and children, namesakes, suspects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting, current
from yigongti.kernel.audit import log
from yigongti.registry import identifiers
from yigongti.registry.actions.scanning import scanned_lately
from yigongti.registry.models import Card, CardUse, Kin, LifeEvent, Place, Resident, Suspect
from yigongti.registry.queries.duplicates import Similar, entry_of, similar
from yigongti.registry.queries.residents import same_person
from yigongti.registry.rules import life

MOST = 50


@dataclass(frozen=True)
class CardShown:
    """A card as its page shows it: the number masked."""

    card: Card
    masked: str

    @property
    def live(self) -> bool:
        return self.card.status == Card.Status.ACTIVE

    @property
    def ours(self) -> bool:
        return self.card.kind in (Card.Kind.HEALTH, Card.Kind.PAPER)


def cards_of(subject_id: int) -> list[CardShown]:
    """Every card of the person, the live ones first, as far as the fence shows them."""
    rows = (
        Card.objects.filter(subject_id__in=same_person(subject_id)).select_related("unit").order_by("-pk")[: MOST * 2]
    )
    shown = [CardShown(one, identifiers.masked_card(one)) for one in rows]
    return sorted(shown, key=lambda one: not one.live)


def uses_of(subject_id: int) -> list[CardUse]:
    """Readings of the person's codes, the newest first."""
    rows = CardUse.objects.filter(subject_id__in=same_person(subject_id)).select_related("unit", "seat", "card")
    return list(rows.order_by("-at")[:MOST])


def life_of(subject_id: int) -> list[LifeEvent]:
    """Moves and deaths of the person, the newest first; taken-back ones too."""
    rows = LifeEvent.objects.filter(subject_id__in=same_person(subject_id)).select_related("unit", "seat")
    return list(rows.order_by("-on", "-pk")[:MOST])


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Full names of divisions by code."""
    return {p.code: p.full_name for p in Place.objects.filter(pk__in={code for code in codes if code})}


def village_names(codes: Iterable[str]) -> dict[str, str]:
    """Villages with their township, by code: short enough for a list."""
    wanted = {code for code in codes if code}
    rows = {p.code: p.name for p in Place.objects.filter(pk__in=wanted | {code[:9].ljust(12, "0") for code in wanted})}
    town = {code: rows.get(code[:9].ljust(12, "0"), "") for code in wanted}
    return {code: f"{town[code]} {rows.get(code, code)}".strip() for code in wanted}


def children_of(subject_id: int) -> list[Resident]:
    """Children that were entered by this mother, the youngest first, as far as the fence shows them."""
    kin = Kin.objects.filter(mother_id__in=same_person(subject_id)).values_list("child_id", flat=True)
    return list(Resident.objects.filter(pk__in=list(kin)).order_by("-birth_date")[:MOST])


def mother_of(subject_id: int) -> Resident | None:
    """The mother by whom a newborn was entered, where the fence shows her."""
    kin = Kin.objects.filter(child_id__in=same_person(subject_id)).values_list("mother_id", flat=True).first()
    found: Resident | None = Resident.objects.filter(pk=kin).first() if kin is not None else None
    return found


def household_of(subject_id: int) -> tuple[Resident, list[Resident]] | None:
    """The person's entry and who lives in the same household, its head first, as far as the fence shows them.

    None where no household is noted. A household's number is unique within its village.
    """
    own = Resident.objects.filter(pk=subject_id).first()
    if own is None or not own.household:
        return None
    rows = Resident.objects.filter(
        place=own.place, household=own.household, status=Resident.Status.LIVING, merged=False
    ).exclude(pk__in=same_person(subject_id))  # fmt: skip
    found = sorted(rows[:MOST], key=lambda one: (one.relation != Resident.Relation.HEAD, one.birth_date))
    log.saw("resident", [one.pk for one in found], [one.pk for one in found], "同户成员")
    return own, found


def died_before(subject_id: int, on: date) -> bool:
    """Whether a death before that day is registered, also of somebody whom the fence does not show."""
    with connection.cursor() as cursor:
        cursor.execute("select registry.died_before(%s, %s)", [subject_id, on])
        (found,) = cursor.fetchone()
    return bool(found)


def deaths(subject_ids: Iterable[int]) -> dict[int, date]:
    """The day of death of those of these persons who are registered as dead, as far as the fence shows them."""
    rows = Resident.objects.filter(pk__in=set(subject_ids), status=Resident.Status.DEAD, status_on__isnull=False)
    return dict(rows.values_list("pk", "status_on"))


def alive_among(subject_ids: Sequence[int], on: date) -> set[int]:
    """Those of these persons who live on a day, as far as the fence shows them."""
    rows = Resident.objects.filter(pk__in=list(subject_ids)).values_list("pk", "status", "status_on")
    return {pk for pk, status, since in rows if life.alive(status, since, on)}


def namesakes(acting: Acting, resident: Resident) -> tuple[Similar, ...]:
    """Others of the same name and birthday, each with what differs; counted and logged like a search."""
    found = similar(acting, entry_of(resident))
    return tuple(one for one in found if one.likeness.namesake and one.subject_id != resident.pk)


def scanned(subject_id: int) -> str:
    """When and how the acting seat has read the person's health code, in words, while it still counts; "" for nothing."""
    found = scanned_lately(current(), same_person(subject_id))
    return f"{calendar.local(found[0]):%H:%M} 扫{found[1]}" if found else ""


@dataclass(frozen=True)
class SuspectShown:
    """A pair that looks like one person, both sides with masked numbers."""

    suspect: Suspect
    a: Resident
    b: Resident
    a_masked: str
    b_masked: str
    merging: bool


def suspects(acting: Acting, *, state: str = "open", name: str = "") -> QuerySet[Suspect]:
    """Pairs for the registrar, the likeliest first."""
    acting.demand("registry.merge")
    rows = Suspect.objects.filter(state=state).order_by("-score", "pk")
    if name:
        rows = rows.filter(a__resident__name__startswith=name) | rows.filter(b__resident__name__startswith=name)
    return rows


def suspects_shown(pairs: Sequence[Suspect]) -> list[SuspectShown]:
    """Both entries of each pair, written to the log as seen."""
    from yigongti.registry.models import Merge

    wanted = {one for pair in pairs for one in (pair.a_id, pair.b_id)}
    people = {r.pk: r for r in Resident.objects.select_related("township").filter(pk__in=wanted)}
    keys = [f"{pair.a_id}-{pair.b_id}" for pair in pairs]
    merging = set(Merge.objects.filter(pair__in=keys, settled=False).values_list("pair", flat=True))
    log.saw("resident", sorted(people), sorted(people), why="疑似重复清单")
    return [
        SuspectShown(
            pair, people[pair.a_id], people[pair.b_id], identifiers.masked_id(people[pair.a_id]),
            identifiers.masked_id(people[pair.b_id]), f"{pair.a_id}-{pair.b_id}" in merging,
        )
        for pair in pairs if pair.a_id in people and pair.b_id in people
    ]  # fmt: skip
