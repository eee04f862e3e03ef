"""Entries that may be one person: before registering (those registered: `actions.duplicates`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.audit import log
from yigongti.registry.models import Resident
from yigongti.registry.rules.duplicates import Entry, Likeness, compare

MOST = 20


@dataclass(frozen=True)
class Similar:
    """An entry that resembles the person about to be registered; nothing of it beyond what a candidate shows."""

    subject_id: int
    name: str
    sex: str
    birth: date
    village: str
    township: str
    likeness: Likeness
    same_id: bool
    visible: bool

    @property
    def text(self) -> str:
        word = {"male": "男", "female": "女"}.get(self.sex, "未知")
        where = " ".join(part for part in (self.township, self.village) if part)
        return f"{word} {calendar.age(self.birth).text} · {where}"


def similar(acting: Acting, entry: Entry) -> tuple[Similar, ...]:
    """Probable duplicates of a person about to be registered, the likeliest first; counted and logged like a search."""
    acting.demand("registry.resident")
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from registry.similar(%s, %s, %s, %s, %s, %s, %s, %s)",
            [entry.id_index, entry.phone_index, entry.id_last4, entry.name, entry.pinyin, entry.sex, entry.birth, 50],
        )
        rows = cursor.fetchall()
    made = (_similar(entry, row) for row in rows)
    found = [one for one in made if one.likeness.probable or one.likeness.namesake or one.same_id]
    found.sort(key=lambda one: -one.likeness.score)
    shown = found[:MOST]
    log.did("searched", "resident", [s.subject_id for s in shown], [s.subject_id for s in shown], why="建档前查重")
    return tuple(shown)


def _similar(entry: Entry, row: tuple) -> Similar:
    (
        subject,
        name,
        sound,
        sex,
        birth,
        village,
        township,
        place,
        household,
        has_id,
        same_id,
        same4,
        same_phone,
        visible,
    ) = row
    other = Entry(
        name=name, pinyin=sound, sex=sex, birth=birth, place=place, household=household,
        id_index=entry.id_index if same_id else "another" if has_id else "",
        id_last4=entry.id_last4 if same4 else "", phone_index=entry.phone_index if same_phone else "",
    )  # fmt: skip
    return Similar(subject, name, sex, birth, village, township, compare(entry, other), same_id, visible)


def entry_of(resident: Resident) -> Entry:
    """What is compared of a registered entry."""
    return Entry(
        name=resident.name, pinyin=resident.pinyin, sex=resident.sex, birth=resident.birth_date,
        id_index=resident.id_index, id_last4=resident.id_last4, phone_index=resident.phone_index, place=resident.place,
        household=resident.household,
    )  # fmt: skip


def likeness(a: Resident, b: Resident) -> Likeness:
    """How likely two registered entries are one person."""
    return compare(entry_of(a), entry_of(b))
