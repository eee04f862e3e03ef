"""A claim (医保结算清单): its columns, its words, and why a row is rejected (docs/fund.md 1 and 2).

Codes are the positions of the words in their tuples: what the settlement rule, the compiled run and the tables share.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LEVELS = ("village", "township", "county", "city", "province")
INSURANCES = ("resident", "employee")
AID_CLASSES = ("none", "low_income", "extreme_poverty")
KINDS = ("inpatient", "outpatient")
REFERRALS = ("none", "up", "down", "exempt")
VOCABULARIES: Mapping[str, tuple[str, ...]] = {
    "insurance": INSURANCES,
    "aid_class": AID_CLASSES,
    "level": LEVELS,
    "kind": KINDS,
    "referral": REFERRALS,
}
WORDS: Mapping[str, str] = {
    "resident": "城乡居民医保",
    "employee": "职工医保",
    "none": "无",
    "low_income": "低收入人口",
    "extreme_poverty": "特困人员",
    "village": "村级",
    "township": "乡镇级",
    "county": "县级",
    "city": "市级",
    "province": "省级",
    "inpatient": "住院",
    "outpatient": "门诊",
    "up": "上转",
    "down": "下转",
    "exempt": "免转诊（急诊等）",
}
"""Chinese for every word of the vocabularies (``none`` of a referral or an aid class alike)."""

Type = Literal["int", "word", "bool", "date", "text", "texts"]


@dataclass(frozen=True)
class Column:
    """One column of a claim: name, Chinese, type, whether a row without it is rejected, meaning."""

    name: str
    label: str
    type: Type
    required: bool
    meaning: str


COLUMNS: tuple[Column, ...] = (
    Column("claim_id", "结算清单编号", "int", True, "unique"),
    Column("person_id", "参保人", "int", True, "insured person"),
    Column("insurance", "险种", "word", True, "resident or employee"),
    Column("aid_class", "医疗救助对象类别", "word", True, "medical-aid class"),
    Column("institution_id", "就诊机构", "int", True, "where treated"),
    Column("consortium_id", "所属医共体", "int", False, "consortium of the person's town of residence"),
    Column("level", "机构级别", "word", True, "level of the institution"),
    Column("is_tcm", "是否中医机构", "bool", True, "TCM institution"),
    Column("in_county", "是否县域内就诊", "bool", True, "treated inside the county"),
    Column("kind", "就诊类别", "word", True, "inpatient or outpatient"),
    Column("start_date", "入院或就诊日期", "date", True, "admission or visit"),
    Column("end_date", "出院或就诊日期", "date", True, "discharge or visit"),
    Column("episode_id", "转诊链编号", "int", False, "the referral chain; none = its own episode"),
    Column("referral", "转诊方式", "word", True, "none, up, down, exempt"),
    Column("contracted", "是否经签约家庭医生", "bool", True, "referred by the contracted family doctor"),
    Column("principal_dx", "主要诊断", "text", False, "ICD-10 code as written; grouping needs it"),
    Column("other_dx", "其他诊断", "texts", False, "further diagnoses"),
    Column("procedures", "手术操作", "texts", False, "ICD-9-CM-3 codes, main first"),
    Column("age_days", "年龄（天）", "int", False, "age at admission, days"),
    Column("sex", "性别", "text", False, "M or F"),
    Column("days", "住院天数", "int", False, "days of stay"),
    Column("outcome", "离院方式", "text", False, "as the list codes it"),
    Column("total_fen", "总费用", "int", True, "all charges, fen"),
    Column("excluded_fen", "目录外费用", "int", True, "outside the catalogue, fen: never eligible"),
    Column(
        "copay_first_fen", "先行自付", "int", True, "first share of class B items, fen: the person's before anything"
    ),
)
PLACE = Column(
    "place",
    "参保地",
    "word",
    False,
    "the place that insured the person on end_date, as its parameters are named (ADR 0038)",
)
"""Read only where the parameters are of several places; a row without it is rejected then."""
LABELS: Mapping[str, str] = {column.name: column.label for column in (*COLUMNS, PLACE)}
REQUIRED: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.required)
"""What settlement cannot do without, in the order of the list; a row's missing fields are a mask over it."""
AMOUNTS = ("total_fen", "excluded_fen", "copay_first_fen")
SETTLED_COLUMNS: tuple[str, ...] = (*REQUIRED, "episode_id")
"""Every column that settlement reads."""
NEEDED = (*REQUIRED, PLACE.name)
"""What a row can lack, in the order of the mask: the last only where parameters are of several places."""

AMOUNT_LIMIT = 10**13
"""No amount of a claim is larger, fen."""

REJECTIONS = ("", "null", "duplicate", "amount", "eligible", "dates", "unknown")
"""Codes of rejection in the order in which they are looked for; the position is what ``fault`` returns, 0 = none."""


def fault(
    missing: int, duplicate: int, total: int, excluded: int, copay: int, start: int, end: int, unknown: int
) -> int:
    """Position in REJECTIONS of the first reason against a row, 0 when there is none.

    ``missing`` and ``unknown`` are masks (any bit counts), ``start`` and ``end`` days; amounts are fen and are not
    looked at when something is missing. Compiled and interpreted alike.
    """
    # From the last reason to the first, each overriding those before: without a jump the compiler judges eight rows at once.
    code = 0
    if unknown != 0:
        code = 6
    if end < start:
        code = 5
    if total - excluded - copay < 0:
        code = 4
    if wrong_amounts(total, excluded, copay) != 0:
        code = 3
    if duplicate != 0:
        code = 2
    if missing != 0:
        code = 1
    return code


def wrong_amounts(total: int, excluded: int, copay: int) -> int:
    """A mask over AMOUNTS of those below 0 or above AMOUNT_LIMIT."""
    mask = 0
    if total < 0 or total > AMOUNT_LIMIT:
        mask += 1
    if excluded < 0 or excluded > AMOUNT_LIMIT:
        mask += 2
    if copay < 0 or copay > AMOUNT_LIMIT:
        mask += 4
    return mask


def reason(code: int, fields: tuple[str, ...] = ()) -> str:
    """Why a row is rejected and what to do, in Chinese; *fields* are the columns it is about."""
    named = "、".join(f"{LABELS[name]}（{name}）" for name in fields)
    if code == 1:
        return f"缺少必填项：{named}。请按结算清单补全后重新上传。"
    if code == 2:
        return "结算清单编号（claim_id）在本文件中重复，重复的各行均不受理。请核对后只保留一行。"
    if code == 3:
        return f"金额不能为负，也不能超过 1,000 亿元：{named}。请核对金额。"
    if code == 4:
        return "目录外费用与先行自付之和超过总费用（总费用 − 目录外费用 − 先行自付 < 0）。请核对这三项金额。"
    if code == 5:
        return "出院日期（end_date）早于入院日期（start_date）。请核对日期。"
    if code == 6:
        return f"代码不在规定的值域内：{named}。" + "".join(
            f"{LABELS[name]}只能是 {'、'.join(VOCABULARIES[name])}。" for name in fields
        )
    raise ValueError(f"unknown rejection {code}")


def named(mask: int, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names whose bits are set in a mask."""
    return tuple(name for position, name in enumerate(names) if mask >> position & 1)
