"""What was typed into the search box → the parts of a person search, or why it is not one.

Shapes: a whole identity number (18 or 15 digits), the number of a passport, permit or certificate, a card number, a whole
telephone number, a record number (17 digits), a name, pinyin or its initials, and any of the last three
together with the last four digits (of either number) or a place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yigongti.registry.rules import names
from yigongti.registry.rules.cards import is_number

PLACE_ENDINGS = ("村", "社区", "居委会", "街道", "镇", "乡", "区", "组", "屯", "寨", "庄")
_ID = re.compile(r"\d{17}[\dX]|\d{15}")
_PHONE = re.compile(r"1[3-9]\d{9}")
_RECORD = re.compile(r"\d{17}")
_CASE = re.compile(r"[A-Z]{1,6}\d{10}")
_DOCUMENT = re.compile(r"(?=(?:.*\d){5})[A-Z0-9]{5,18}")
_LAST4 = re.compile(r"\d{3}[\dX]")
_LATIN = re.compile(r"[A-Za-z]+")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•]+")


@dataclass(frozen=True)
class Query:
    """The parts of a search; empty text = that part was not given.

    identity     whole identity number      phone   whole mobile number     record  17-digit record number
    document     number of another paper or of a card, upper case
    name         Chinese characters, from the beginning                      latin   letters: pinyin or initials
    last4        of the identity or telephone number                         place   the beginning of a place's name
    case         a case number
    """

    identity: str = ""
    phone: str = ""
    record: str = ""
    name: str = ""
    latin: str = ""
    last4: str = ""
    place: str = ""
    case: str = ""
    document: str = ""

    @property
    def exact(self) -> bool:
        """Found by a whole number; no minimum length applies."""
        return bool(self.identity or self.phone or self.record or self.document)


@dataclass(frozen=True)
class Unsearchable:
    """Why the text is no person search, and what to type instead."""

    message: str
    remedy: str = ""


def read(text: str, *, minimum: int) -> Query | Unsearchable:
    """Take the typed text apart.

    Args:
        minimum: characters of a name or letters of pinyin that are wanted at least (policy).
    """
    plain = names.one_dot(_halfwidth(text)).strip()
    if not plain:
        return Unsearchable("", "输入姓名、拼音首字母、身份证号、电话或档案编号")
    if len(plain) > 60:
        return Unsearchable("检索内容太长", "只输入姓名、号码或档案编号")
    words = plain.upper().split()
    joined = "".join(words).replace("-", "")
    whole = _whole(joined)
    if whole is not None:
        return whole
    found: dict[str, str] = {}
    for word in words:
        part = _part(word, found)
        if part is None:
            return Unsearchable(f"看不懂“{word[:20]}”", "姓名、拼音、后四位、村名之间用空格分开")
        found[part[0]] = part[1]
    return _complete(found, minimum)


def _whole(joined: str) -> Query | None:
    if _CASE.fullmatch(joined):
        return Query(case=joined, document=joined if len(joined) == 11 else "")
    if _RECORD.fullmatch(joined):
        return Query(record=joined)
    if _ID.fullmatch(joined):
        return Query(identity=joined)
    if _PHONE.fullmatch(joined):
        return Query(phone=joined)
    if is_number(joined) or _DOCUMENT.fullmatch(joined):
        return Query(document=joined)
    return None


def _part(word: str, found: dict[str, str]) -> tuple[str, str] | None:
    if _LAST4.fullmatch(word) and "last4" not in found:
        return "last4", word
    if _LATIN.fullmatch(word) and "name" not in found and "place" not in found:
        return "latin", found.get("latin", "") + word.lower()
    if _CHINESE.fullmatch(word):
        is_place = len(word) > 2 and word.endswith(PLACE_ENDINGS)
        if (is_place or "name" in found or "latin" in found) and "place" not in found:
            return "place", word
        if "name" not in found and "latin" not in found:
            return "name", word
    return None


def _complete(found: dict[str, str], minimum: int) -> Query | Unsearchable:
    query = Query(**found)
    length = len(query.name) or len(query.latin)
    if query.last4 and not (length or query.place):
        return Unsearchable("只有后四位不能检索", "后四位之前加上姓名、拼音首字母或村名")
    if not length and not (query.place and query.last4):
        return Unsearchable("只有地名不能检索", "地名之前加上姓名或拼音首字母")
    if length and length < minimum and not query.last4:
        return Unsearchable(f"至少输入 {minimum} 个字", "或加上证件号、电话的后四位，例如“张 1234”")
    return query


def _halfwidth(text: str) -> str:
    return "".join(
        chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else " " if sign == "\u3000" else sign for sign in text
    )
