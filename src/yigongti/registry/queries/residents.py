"""Residents as the fence shows them: banner, names, group of merged entries, lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse

from yigongti.kernel import calendar, ids, wiring
from yigongti.kernel.access.door import Acting, acting_or_none
from yigongti.kernel.access.models import Subject
from yigongti.kernel.access.once import once
from yigongti.registry import identifiers
from yigongti.registry.models import Catchment, Resident
from yigongti.registry.queries.search import candidate

TAG_TONES = {"pregnant": "info", "lone_elderly": "due", "left_behind": "due", "disabled": "info"}


@dataclass(frozen=True)
class Allergies:
    """What the port ``allergies`` answers: substances, and what to say when there are none."""

    substances: tuple[str, ...] = ()
    note: str = "未询问"


@dataclass(frozen=True)
class Beside:
    """What a banner shows that does not stand in the resident's own row."""

    allergies: Allergies = Allergies((), "")
    tags: tuple[tuple[str, str], ...] = ()
    doctor: str = ""
    merged_into: int | None = None


@dataclass(frozen=True)
class Person:
    """The person banner's values (``shell/banner.html``), numbers masked."""

    subject_id: int
    name: str
    sex: str
    sex_code: str
    age: str
    birth: date
    record_no: str
    id_masked: str
    reveal_url: str
    phone_masked: str
    insurance: str
    address: str
    href: str
    status: str = ""
    id_label: str = "身份证"
    """What paper the number is of, as it is called for short."""
    ask: Callable[[], Beside] = Beside

    @cached_property
    def beside(self) -> Beside:
        """What other tables say of the person, read when it is first shown: a form that is sent shows nothing."""
        return self.ask()

    @property
    def allergies(self) -> tuple[str, ...]:
        return self.beside.allergies.substances

    @property
    def allergy_note(self) -> str:
        return "" if self.allergies else self.beside.allergies.note

    @property
    def tags(self) -> tuple[tuple[str, str], ...]:
        return self.beside.tags

    @property
    def doctor(self) -> str:
        return self.beside.doctor

    @property
    def merged_into(self) -> int | None:
        return self.beside.merged_into


@dataclass(frozen=True)
class Brief:
    """A resident in a line of a list."""

    subject_id: int
    name: str
    sex: str
    birth: date

    @property
    def age(self) -> str:
        return calendar.age(self.birth).text

    @property
    def text(self) -> str:
        return f"{self.name} {self.sex} {self.age}"


def seen() -> QuerySet[Resident]:
    """Residents that the fence shows to the acting seat."""
    return Resident.objects.select_related("home", "township", "registered", "subject")


def get(subject_id: int) -> Resident:
    """Raises Resident.DoesNotExist where the fence shows nobody; missing and forbidden look the same."""
    found: Resident = seen().get(pk=subject_id)
    return found


@once
def entry(subject_id: int) -> Resident:
    """The resident's own row, read once: banner, title and rules of one page ask for it. Raises Resident.DoesNotExist."""
    found: Resident = Resident.objects.get(pk=subject_id)
    return found


def sex_and_birth(subject_id: int) -> tuple[str, date]:
    """What rules ask of a person. Raises Resident.DoesNotExist."""
    found = entry(subject_id)
    return found.sex, found.birth_date


def brief(subject_id: int) -> Brief | None:
    """One person as in a list's line; None where the fence shows nobody."""
    try:
        found = entry(subject_id)
    except Resident.DoesNotExist:
        return None
    return Brief(found.pk, found.name, found.get_sex_display(), found.birth_date)


_SAME = """
with root as materialized (select coalesce(w.canonical_id, w.id) as id from access_subject w where w.id = %s)
select id from root union all
(select s.id from access_subject s join root on s.canonical_id = root.id where s.id <> root.id order by s.id)"""
"""Materialised, because of the fence: no index may be followed by an expression that could tell what it reads, and
``coalesce`` is one; beside ``or`` it read every subject of the county (70 ms at 200 000)."""


@once
def same_person(subject_id: int) -> tuple[int, ...]:
    """Every subject that stands for this person, the canonical one first. Rows of all of them are this person's."""
    with connection.cursor() as cursor:
        cursor.execute(_SAME, [subject_id])
        found = tuple(row[0] for row in cursor.fetchall())
    if not found:
        raise Subject.DoesNotExist(subject_id)
    return found


def canonical_of(subject_id: int) -> int:
    """The subject that now stands for the person."""
    return same_person(subject_id)[0]


def names(subject_ids: Iterable[int]) -> dict[int, str]:
    """Names by subject, as far as the fence shows them; the caller logs a list it shows."""
    rows = Resident.objects.filter(pk__in=list(subject_ids)).values_list("pk", "name")
    return dict(rows)


def briefs(subject_ids: Iterable[int]) -> dict[int, Brief]:
    """Name, sex and birth date by subject, as far as the fence shows them."""
    rows = Resident.objects.filter(pk__in=list(subject_ids)).values_list("pk", "name", "sex", "birth_date")
    titles = {code: str(title) for code, title in Resident.Sex.choices}
    return {pk: Brief(pk, name, titles.get(sex, sex), birth) for pk, name, sex, birth in rows}


def banner(subject_id: int) -> Person | None:
    """The person banner; None where the fence shows nobody. Allergies, key populations and contracted doctor come from the
    ports ``allergies``, ``key_population`` and ``contracted_doctor`` of higher rooms, when they are shown; who answers for a
    case without reading records (coordinator, director, head) sees who it is about, not what ails them."""
    try:
        resident = entry(subject_id)
    except Resident.DoesNotExist:
        return None
    opens = _may("resident.banner")
    return Person(
        subject_id=resident.pk, name=resident.name, sex=resident.get_sex_display(), sex_code=resident.sex,
        age=calendar.age(resident.birth_date).text if resident.status != "dead" else "已故", birth=resident.birth_date,
        record_no=ids.record_number(resident.record_number).spaced, id_masked=identifiers.masked_id(resident),
        reveal_url=reverse("registry:reveal", args=[resident.pk, "id"]) if resident.id_cipher and opens else "",
        phone_masked=identifiers.masked_phone(resident), insurance=resident.get_insurance_display(),
        address=resident.address, href=reverse("registry:resident", args=[resident.pk]) if opens else "",
        status=resident.get_status_display() if resident.status != "living" else "",
        id_label=_paper(resident.id_kind), ask=lambda: _beside(resident),
    )  # fmt: skip


def _paper(kind: str) -> str:
    """居民身份证 → 身份证; a passport is called one; nobody's paper is 证件."""
    short = {ids.IdKind.RESIDENT: "身份证", ids.IdKind.NONE: "证件"}
    return short.get(ids.IdKind(kind), ids.IdKind(kind).label)


def _may(*rights: str) -> bool:
    """Whether the seat has one of these; what runs outside a session is not asked."""
    acting = acting_or_none()
    return acting is None or any(acting.may(right) for right in rights)


def _beside(resident: Resident) -> Beside:
    group, ports = same_person(resident.pk), wiring.offer("PORTS", {})
    if not _may("resident.banner", "resident.self"):
        return Beside(merged_into=group[0] if group[0] != resident.pk else None)
    allergies: Callable[[tuple[int, ...]], Allergies] | None = ports.get("allergies")
    colours: Callable[[tuple[int, ...]], tuple[tuple[str, str], ...]] | None = ports.get("key_population")
    doctor: Callable[[int], str] | None = ports.get("contracted_doctor")
    return Beside(
        allergies=allergies(group) if allergies else Allergies(),
        tags=(*colours(group), *tags_of(resident)) if colours else tags_of(resident),
        doctor=doctor(group[0]) if doctor else "",
        merged_into=group[0] if group[0] != resident.pk else None,
    )


def tags_of(resident: Resident, *, simulated: bool = True) -> tuple[tuple[str, str], ...]:
    """Badges (text, tone): programmes, aid, status, and that the person is `simulated` (left out in lists)."""
    labels = dict(Resident.Tag.choices)
    tags = [(labels[tag], TAG_TONES.get(tag, "plain")) for tag in resident.tags if tag in labels]
    if resident.aid:
        tags.append((resident.get_aid_display(), "info"))
    if resident.status != Resident.Status.LIVING:
        tags.insert(0, (resident.get_status_display(), "late"))
    if simulated and resident.simulated:
        tags.append(("演示数据", "plain"))
    return tuple(tags)


AREA, REGISTERED = "area", "registered"


def own(acting: Acting, *, which: str = AREA, tag: str = "", place: str = "", name: str = "") -> QuerySet[Resident]:
    """The residents that the seat's unit is responsible for (`which` = area), or those it registered.

    The condition on the unit is said here although the fence says more: an index follows it, in the order of the list.
    A clinic's and a township's people are sorted by name, a whole region's by record number, that is by village.
    """
    rows = Resident.objects.select_related("home").filter(merged=False)
    order: tuple[str, ...] = ("pinyin", "subject_id")
    if which == REGISTERED:
        rows, order = rows.filter(registered_id=acting.unit_id), ("-subject_id",)
    elif place:
        rows = rows.filter(place=place)
    elif _is_township(acting):
        rows = rows.filter(township_id=acting.unit_id)
    elif acting.region_id is not None:
        rows = rows.filter(home_id=acting.unit_id)
    else:
        order = ("record_number",)
    if tag:
        rows = rows.filter(tags__contains=[tag])
    if name:
        rows = rows.filter(Q(name__startswith=name) | Q(initials__startswith=name.lower()))
    return rows.order_by(*order)


def _is_township(acting: Acting) -> bool:
    return Catchment.objects.filter(township_id=acting.unit_id).exists()


def desk_banner(subject_id: int) -> Person | None:
    """The banner for desks (port ``banner``). Before an emergency access, whose person the fence does not show yet, it
    tells only what a search would: counted and logged like one."""
    found = banner(subject_id)
    acting = acting_or_none()
    if found is not None or acting is None or not (acting.may("break_glass.use") and acting.may("resident.search")):
        return found
    one = candidate(acting, subject_id)
    if one is None:
        return None
    return Person(
        subject_id=one.subject_id, name=one.name, sex=one.sex_word, sex_code=one.sex, age=one.age, birth=one.birth,
        record_no=f"尾号 {one.record_tail}", id_masked="", reveal_url="", phone_masked="", insurance="",
        address=" ".join(part for part in (one.township, one.village) if part), href="",
    )  # fmt: skip
