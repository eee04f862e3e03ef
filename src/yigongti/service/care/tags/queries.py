"""Tags as pages show them: counts by village, people oldest overdue first, one person's tags with their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.registry import facade as registry
from yigongti.service.care.models import KeyTag, SocialFact
from yigongti.service.care.tags import rules

COLOUR_WORDS = {"red": "红色", "yellow": "黄色", "green": "绿色"}
COLOUR_TONES = {"red": "late", "yellow": "due", "green": "fine"}


@dataclass(frozen=True)
class Village:
    """A village's line: people by colour (each person once, by the worst), and how many are overdue."""

    place: str
    name: str
    red: int
    yellow: int
    green: int
    overdue: int

    @property
    def total(self) -> int:
        return self.red + self.yellow + self.green


def live(acting: Acting) -> QuerySet[KeyTag]:
    """Tags in force of the people whom the seat's units are responsible for."""
    mine = Q(home_id__in=acting.units) | Q(township_id__in=acting.units)
    return KeyTag.objects.filter(mine, until=None)


def villages(acting: Acting, *, category: str = "", on: date | None = None) -> list[Village]:
    """Counts by village, the one with most overdue first."""
    today = on or calendar.today()
    rows = live(acting)
    if category:
        rows = rows.filter(category=category)
    red = Q(colour="red")
    people = rows.values("place", "subject_id").annotate(
        red=Count("pk", filter=red), yellow=Count("pk", filter=Q(colour="yellow")),
        late=Count("pk", filter=Q(due__lt=today)),
    )  # fmt: skip
    sums: dict[str, list[int]] = {}
    for one in people:
        line = sums.setdefault(one["place"], [0, 0, 0, 0])
        line[0 if one["red"] else 1 if one["yellow"] else 2] += 1
        line[3] += 1 if one["late"] else 0
    names = registry.village_names(sums)
    found = [Village(place, names.get(place, place), *line) for place, line in sums.items()]
    return sorted(found, key=lambda one: (-one.overdue, -one.total, one.place))


def people(
    acting: Acting, *, place: str = "", colour: str = "", category: str = "", overdue: bool = False
) -> QuerySet[KeyTag]:
    """Tags in force, oldest overdue contact first; a colour means people whose worst tag has it."""
    rows = live(acting)
    if place:
        rows = rows.filter(place=place)
    if category:
        rows = rows.filter(category=category)
    if overdue:
        rows = rows.filter(due__lt=calendar.today())
    if colour:
        better = {"red": (), "yellow": ("red",), "green": ("red", "yellow")}[colour]
        rows = rows.filter(colour=colour)
        if better:
            worse = live(acting).filter(colour__in=better)
            if category:
                worse = worse.filter(category=category)
            rows = rows.exclude(subject_id__in=worse.values("subject_id"))
    return rows.order_by("due", "subject_id")


def of_person(subject_id: int) -> list[KeyTag]:
    """Every tag of the person, those in force first, then the newest."""
    rows = KeyTag.objects.filter(subject_id__in=registry.same_person(subject_id))
    found = list(rows.order_by("-since", "category")[:60])
    return sorted(found, key=lambda row: row.until is not None)


def social_of(subject_id: int) -> list[SocialFact]:
    """What was established about the person, those in force first."""
    rows = SocialFact.objects.filter(subject_id__in=registry.same_person(subject_id)).select_related("unit", "seat")
    return sorted(rows.order_by("-starts")[:40], key=lambda row: row.ends is not None)


def badges(group: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """Port ``key_population`` of the person banner: the worst colour with the categories that have it."""
    rows = list(KeyTag.objects.filter(subject_id__in=list(group), until=None).values_list("colour", "category"))
    colour = rules.worst([one for one, _ in rows])
    if not colour:
        return ()
    named = "、".join(sorted({rules.CATEGORIES[category] for own, category in rows if own == colour}))
    return ((f"{COLOUR_WORDS[colour]}·{named}", COLOUR_TONES[colour]),)
