"""Numbers that identify people, organisations, records and acts: read, checked, composed.

Identity numbers follow GB 11643 (check character: ISO 7064 MOD 11-2), organisation codes GB 32100, the health
record number the 17 digits 6+3+3+5 of the national public-health service norms (居民健康档案编码). A number
is never refused for its division code: abolished codes stay valid for life.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID, uuid4

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidFormat, InvalidLength

from . import calendar, text

OLDEST_YEARS = 130
"""A birth date longer ago than this is taken for a slip of the hand."""


class IdError(ValueError):
    """A number that cannot be right; the message is for the user and ends with the remedy."""


class IdKind(StrEnum):
    """What kind of paper identifies a person."""

    RESIDENT = "resident"
    RESIDENCE = "residence"
    PASSPORT = "passport"
    HONGKONG_MACAO = "hongkong_macao"
    TAIWAN = "taiwan"
    FOREIGN_RESIDENT = "foreign_resident"
    MILITARY = "military"
    BIRTH = "birth"
    NONE = "none"

    @property
    def label(self) -> str:
        """The paper's name as the user knows it."""
        return LABELS[self]


LABELS = {
    IdKind.RESIDENT: "居民身份证",
    IdKind.RESIDENCE: "港澳台居民居住证",
    IdKind.PASSPORT: "护照",
    IdKind.HONGKONG_MACAO: "港澳居民来往内地通行证",
    IdKind.TAIWAN: "台湾居民来往大陆通行证",
    IdKind.FOREIGN_RESIDENT: "外国人永久居留身份证",
    IdKind.MILITARY: "军人证件",
    IdKind.BIRTH: "出生医学证明",
    IdKind.NONE: "暂无证件（如新生儿）",
}

RESIDENCE_DIVISIONS = {"810000": "香港", "820000": "澳门", "830000": "台湾"}
"""Division codes of residence permits (港澳台居民居住证), which are numbered and checked like identity
cards.
"""

_SHAPES = {
    IdKind.PASSPORT: (re.compile(r"[A-Z0-9]{5,17}"), "5 至 17 位字母和数字"),
    IdKind.HONGKONG_MACAO: (re.compile(r"[HM]\d{8}(\d{2})?"), "字母 H 或 M 加 8 位（或 10 位）数字"),
    IdKind.TAIWAN: (re.compile(r"\d{8}(\d{2}[A-Z0-9]?)?"), "8 位数字"),
    IdKind.FOREIGN_RESIDENT: (
        re.compile(r"9\d{16}[\dX]|[A-Z]{3}\d{12}"),
        "以 9 开头的 18 位，或 3 个字母加 12 位数字",
    ),
    IdKind.MILITARY: (
        re.compile(r"[\u4e00-\u9fff]{0,4}字?第?[A-Z0-9]{6,10}号?"),
        "证件上的字号，如“南字第01234567号”",
    ),
    IdKind.BIRTH: (re.compile(r"[A-Z]\d{9}"), "1 个字母加 9 位数字"),
}


@dataclass(frozen=True)
class Identity:
    """A checked identity: the kind of paper, its number in one spelling, and what the number itself tells.

    *number* is upper case and half-width; empty for ``IdKind.NONE``. *birth*, *sex* (``male`` or
    ``female``) and *division* (six digits of the first registration) are None where the paper does not tell.
    """

    kind: IdKind
    number: str
    birth: date | None = None
    sex: str | None = None
    division: str | None = None


def identity(number: str, kind: IdKind | str = IdKind.RESIDENT) -> Identity:
    """The identity that a number on a paper of this kind stands for.

    Resident numbers of 15 digits are turned into 18; a resident number whose division is that of a
    residence permit is told as one. Raises IdError, in words for the user, for everything else that cannot
    be right.
    """
    kind = IdKind(kind)
    number = text.code(number, label=f"{kind.label}号码").replace("-", "")
    if kind is IdKind.NONE:
        if number:
            raise IdError("证件类型为“暂无证件”时不应填写号码，请选择证件类型或清空号码")
        return Identity(kind, "")
    if not number:
        raise IdError(f"请填写{kind.label}号码；没有证件的选择“{IdKind.NONE.label}”")
    if kind in (IdKind.RESIDENT, IdKind.RESIDENCE):
        return _resident(number, kind)
    shape, words = _SHAPES[kind]
    if not shape.fullmatch(number):
        raise IdError(f"{kind.label}号码应为{words}，请核对")
    if kind is IdKind.FOREIGN_RESIDENT and len(number) == 18:
        _check_last(number, kind.label)
    return Identity(kind, number)


def _resident(number: str, kind: IdKind) -> Identity:
    if len(number) == 15 and number.isdecimal() and number.isascii():
        number = from_15(number)
    if len(number) != 18:
        raise IdError(f"{kind.label}号码应为 18 位（旧号码 15 位），现为 {len(number)} 位，请核对")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdError(f"{kind.label}号码应为 17 位数字加 1 位数字或 X，请核对")
    birth = _birth(number[6:14], kind.label)
    _check_last(number, kind.label)
    division = number[:6]
    permit = division in RESIDENCE_DIVISIONS
    if kind is IdKind.RESIDENCE and not permit:
        raise IdError("港澳台居民居住证号码以 810000、820000 或 830000 开头，请核对证件类型")
    sex = "male" if int(number[16]) % 2 else "female"
    return Identity(IdKind.RESIDENCE if permit else IdKind.RESIDENT, number, birth, sex, division)


def _birth(digits: str, label: str) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdError(f"{label}号码中的出生日期 {digits} 不存在，请核对第 7 至 14 位") from None
    today = calendar.today()
    if birth > today:
        raise IdError(f"{label}号码中的出生日期 {birth} 晚于今天，请核对第 7 至 14 位")
    if today.year - birth.year > OLDEST_YEARS:
        raise IdError(f"{label}号码中的出生日期 {birth} 距今超过 {OLDEST_YEARS} 年，请核对第 7 至 14 位")
    return birth


def _check_last(number: str, label: str) -> None:
    if ric.calc_check_digit(number) != number[-1]:
        raise IdError(f"{label}号码的校验位不符，可能录错了一位，请对照证件逐位核对")


_CENTENARIANS = ("996", "997", "998", "999")
"""Sequence numbers that 15-digit cards gave to those already over a hundred."""


def from_15(number: str) -> str:
    """The 18 signs of a 15-digit identity number: the century added, then the check character.

    Raises IdError unless it is 15 digits.
    """
    if not re.fullmatch(r"[0-9]{15}", number):
        raise IdError("旧身份证号码应为 15 位数字，请核对")
    century = "18" if number[12:] in _CENTENARIANS else "19"
    body = number[:6] + century + number[6:]
    return body + ric.calc_check_digit(body + "0")


def compose_resident(division: str, birth: date, sequence: int) -> str:
    """The resident number of a division (six digits), birth date and sequence (0–999, odd for men).

    For simulated people: use a division code that no place has.
    """
    if not re.fullmatch(r"[0-9]{6}", division) or not 0 <= sequence <= 999:
        raise IdError(f"不能组成身份号码：区划 {division}，顺序码 {sequence}")
    body = f"{division}{birth:%Y%m%d}{sequence:03d}"
    return body + ric.calc_check_digit(body + "0")


# --- organisations ----------------------------------------------------------------------------


def credit_code(number: str) -> str:
    """A unified social credit code (统一社会信用代码, GB 32100) in its one spelling.

    Raises IdError for a wrong length, a sign outside the alphabet (no I, O, S, V, Z) or a wrong check
    character.
    """
    number = text.code(number, label="统一社会信用代码").replace("-", "")
    try:
        return uscc.validate(number)
    except InvalidLength:
        raise IdError(f"统一社会信用代码应为 18 位，现为 {len(number)} 位，请核对") from None
    except InvalidFormat:
        raise IdError("统一社会信用代码前 8 位为数字，其余不用字母 I、O、S、V、Z，请核对") from None
    except InvalidChecksum:
        raise IdError("统一社会信用代码的校验位不符，请对照证照逐位核对") from None


def compose_credit_code(body: str) -> str:
    """The credit code of its first 17 signs, check character added. Raises IdError where they cannot be
    such.
    """
    try:
        return credit_code(body + uscc.calc_check_digit(body))
    except ValueError as error:
        raise IdError(f"不能组成统一社会信用代码：{body}") from error


# --- health record numbers --------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class RecordNumber:
    """A health record number: county (6 digits), township (3), village (3), resident (1–99 999)."""

    county: str
    township: str
    village: str
    sequence: int

    def __post_init__(self) -> None:
        shapes = (
            (self.county, 6, "县级区划"),
            (self.township, 3, "乡镇（街道）"),
            (self.village, 3, "村（居）"),
        )
        for digits, length, label in shapes:
            if not re.fullmatch(rf"[0-9]{{{length}}}", digits):
                raise IdError(f"档案编号的{label}代码应为 {length} 位数字，现为“{digits}”，请核对")
        if not 1 <= self.sequence <= 99_999:
            raise IdError(f"档案编号的居民序号应在 1 至 99999 之间，现为 {self.sequence}")

    def __str__(self) -> str:
        return f"{self.county}{self.township}{self.village}{self.sequence:05d}"

    @property
    def spaced(self) -> str:
        """For reading: the four parts with dashes between."""
        return f"{self.county}-{self.township}-{self.village}-{self.sequence:05d}"


def record_number(number: str) -> RecordNumber:
    """Read a health record number, with or without dashes. Raises IdError unless it is 17 digits with a
    sequence.
    """
    digits = text.code(number, label="健康档案编号").replace("-", "")
    if not re.fullmatch(r"[0-9]{17}", digits):
        raise IdError(f"健康档案编号应为 17 位数字（6+3+3+5），现为 {len(digits)} 位，请核对")
    return RecordNumber(digits[:6], digits[6:9], digits[9:12], int(digits[12:]))


# --- phones -----------------------------------------------------------------------------------


def phone(number: str) -> str:
    """A mainland mobile (11 digits) or fixed line (area code and number) as digits only; ``+86`` dropped.

    Raises IdError for anything else.
    """
    digits = re.sub(r"[-() ]", "", text.code(number, label="电话号码"))
    digits = re.sub(r"^(\+|00)86(?=\d{8})", "", digits)
    if not re.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{9,11}|[2-9][0-9]{6,7}", digits):
        raise IdError("电话号码应为 11 位手机号，或带区号的固定电话，请核对")
    return digits


# --- acts -------------------------------------------------------------------------------------


def new_client_id() -> UUID:
    """A fresh id for one act; sent again with the same id, an act has one effect."""
    return uuid4()


def client_id(value: str | UUID) -> UUID:
    """The client's id of an act. Raises IdError when it is not a UUID."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise IdError("提交编号无效，请刷新页面后重新提交") from None


def row_id(sent: str) -> int | None:
    """A row's id as an address or a form sends it (bigint: at most 18 digits); None for anything else."""
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 19 else None
