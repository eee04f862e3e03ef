"""Are two entries of the index the same person? A score with its evidence; a person decides.

The weights are the platform's own and no policy: they only order what a registrar looks at. A whole identity number that
differs speaks against, however alike the rest is (twins; father and son of one name).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

SAME_ID = 100
SAME_PHONE, SAME_NAME, SAME_SOUND = 25, 40, 25
SAME_BIRTH, SAME_DAY_SWAPPED, SAME_YEAR = 35, 20, 5
SAME_SEX, SAME_LAST4, SAME_HOUSEHOLD, SAME_PLACE = 5, 20, 10, 5
OTHER_ID, OTHER_SEX = -60, -30
PROPOSE = 70
"""From this score on two entries are shown as probably one person."""


@dataclass(frozen=True)
class Entry:
    """What is compared of an entry of the index. Indexes are keyed digests, compared only for being equal."""

    name: str
    pinyin: str
    sex: str
    birth: date
    id_index: str = ""
    id_last4: str = ""
    phone_index: str = ""
    place: str = ""
    household: str = ""


@dataclass(frozen=True)
class Likeness:
    """`score` 0–100; `weighed`: each piece of evidence with its points, what speaks for it first; `differs` in words."""

    score: int
    weighed: tuple[tuple[str, int], ...]
    differs: tuple[str, ...] = ()
    namesake: bool = False
    """The same name and birthday: to be looked at even where a number tells the two apart."""

    @property
    def evidence(self) -> tuple[str, ...]:
        """The evidence in words alone."""
        return tuple(words for words, _ in self.weighed)

    @property
    def told(self) -> tuple[str, ...]:
        """Each piece of evidence with its weight, as a page shows it."""
        return tuple(f"{words} {points:+d}" for words, points in self.weighed)

    @property
    def probable(self) -> bool:
        return self.score >= PROPOSE


def compare(a: Entry, b: Entry) -> Likeness:
    """How likely it is that two entries are one person; the order of the two does not matter."""
    both_ids = bool(a.id_index and b.id_index)
    namesake = a.name == b.name and a.birth == b.birth
    soft = _soft(a, b)
    if both_ids and a.id_index == b.id_index:
        weighed = (("证件号码相同", SAME_ID), *((words, points) for words, points in _sorted(soft) if points > 0))
        return Likeness(SAME_ID, weighed, _differs(a, b), namesake)
    if both_ids:
        soft.append((OTHER_ID, "证件号码不同"))
    score = max(0, min(SAME_ID - 1, sum(points for points, _ in soft)))
    return Likeness(score, tuple(_sorted(soft)), _differs(a, b), namesake)


def _sorted(found: list[tuple[int, str]]) -> list[tuple[str, int]]:
    return [(words, points) for points, words in sorted(found, key=lambda one: -one[0])]


def _differs(a: Entry, b: Entry) -> tuple[str, ...]:
    """What is told of both and is not the same."""
    pairs = (
        ("姓名", a.name, b.name), ("出生日期", a.birth, b.birth), ("性别", a.sex, b.sex),
        ("证件号码", a.id_index, b.id_index), ("电话", a.phone_index, b.phone_index), ("村（居）", a.place, b.place),
        ("户号", a.household, b.household),
    )  # fmt: skip
    return tuple(label for label, one, other in pairs if one and other and one != other)


def _soft(a: Entry, b: Entry) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    if a.name == b.name:
        found.append((SAME_NAME, "姓名相同"))
    elif a.pinyin == b.pinyin:
        found.append((SAME_SOUND, "姓名同音"))
    if a.birth == b.birth:
        found.append((SAME_BIRTH, "出生日期相同"))
    elif _swapped(a.birth, b.birth):
        found.append((SAME_DAY_SWAPPED, "出生月日颠倒"))
    elif a.birth.year == b.birth.year:
        found.append((SAME_YEAR, "出生年份相同"))
    if "unknown" not in (a.sex, b.sex):
        found.append((SAME_SEX, "性别相同") if a.sex == b.sex else (OTHER_SEX, "性别不同"))
    if a.phone_index and a.phone_index == b.phone_index:
        found.append((SAME_PHONE, "电话相同"))
    if a.id_last4 and a.id_last4 == b.id_last4:
        found.append((SAME_LAST4, "证件后四位相同"))
    if a.household and a.household == b.household:
        found.append((SAME_HOUSEHOLD, "户号相同"))
    if a.place and a.place == b.place:
        found.append((SAME_PLACE, "住址同村"))
    return found


def _swapped(a: date, b: date) -> bool:
    return a.year == b.year and a.month == b.day and a.day == b.month and a != b
