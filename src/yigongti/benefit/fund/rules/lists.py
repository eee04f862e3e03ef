"""Rows of a settlement list with the national field names (医保结算清单): read field by field, every fault named.

The reasons are the official ones as far as they are known (missing medins_fill_dept, diag_code, bill_code, bill_no) and those
of ``rules.claims``. Amounts are yuan with at most two decimals and become fen. Pure: no database, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from yigongti.kernel import ids, money

from .claims import AMOUNT_LIMIT, LEVELS, REFERRALS


class Wrong(ValueError):
    """A cell that cannot be what its column is; the message says what would be right."""


@dataclass(frozen=True)
class Field:
    """One column: the national name, its title, how it is read, whether a row must have it."""

    name: str
    title: str
    read: Callable[[str], Any]
    required: bool = True
    default: Any = None

    @property
    def says(self) -> str:
        """How a cell of this column is written."""
        return WRITTEN.get(self.name) or ("元，最多两位小数；没有的留空" if self.read is _fen else "")


@dataclass(frozen=True)
class BadRow:
    """What is wrong: row as the spreadsheet counts, column, value as written (identity numbers masked), code, reason."""

    row: int
    column: str
    value: str
    code: str
    reason: str

    @property
    def word(self) -> str:
        """The code in words."""
        return CODES[self.code]


def _text(most: int) -> Callable[[str], str]:
    def read(raw: str) -> str:
        if len(raw) > most:
            raise Wrong(f"最多 {most} 个字")
        return raw

    return read


def _day(raw: str) -> date:
    match = re.fullmatch(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", raw)
    try:
        return date(*(int(part) for part in match.groups())) if match else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> date:
    raise Wrong("应为日期，如 2026-03-09")


def _fen(raw: str) -> int:
    try:
        amount = money.parse_yuan(raw)
    except money.MoneyError as wrong:
        raise Wrong(str(wrong)) from None
    if not 0 <= amount <= AMOUNT_LIMIT:
        raise Wrong("金额不能为负，也不能超过 1,000 亿元，请核对")
    return amount


def _person(raw: str) -> str:
    try:
        return ids.identity(raw).number
    except ids.IdError as wrong:
        raise Wrong(str(wrong)) from None


def _one_of(words: Mapping[str, Any], says: str, also: Mapping[str, Any] | None = None) -> Callable[[str], Any]:
    """By code, or by the Chinese word that people write for it."""
    known = {**words, **(also or {})}

    def read(raw: str) -> Any:
        if raw not in known:
            raise Wrong(f"代码不在规定的值域内，{says}")
        return known[raw]

    return read


def _codes(raw: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[\s,，;；|+]+", raw) if part)[:40]


FIELDS: tuple[Field, ...] = (
    Field("setl_id", "结算编号", _text(40)), Field("mdtrt_id", "就诊编号", _text(40)),
    Field("certno", "证件号码", _person),
    Field("hi_type", "医保类型", _one_of({"310": "employee", "390": "resident"}, "310 职工、390 城乡居民", {
        "职工": "employee", "职工医保": "employee", "职工基本医疗保险": "employee",
        "居民": "resident", "城乡居民": "resident", "城乡居民医保": "resident", "城乡居民基本医疗保险": "resident"})),
    Field("fixmedins_code", "定点医药机构编号", _text(20)), Field("fixmedins_name", "定点医药机构名称", _text(80), False, ""),
    Field("med_type", "医疗类别", _one_of(
        {"11": "outpatient", "12": "outpatient", "13": "outpatient", "14": "outpatient", "21": "inpatient", "22": "inpatient",
         "24": "inpatient"}, "如 11 普通门诊、21 普通住院",
        {"门诊": "outpatient", "普通门诊": "outpatient", "住院": "inpatient", "普通住院": "inpatient"})),
    Field("adm_time", "入院时间", _day), Field("dscg_time", "出院时间", _day),
    Field("medins_fill_dept", "医疗机构填报部门", _text(80)), Field("diag_code", "主要诊断编码", _text(24)),
    Field("diag_name", "主要诊断名称", _text(80), False, ""), Field("oth_diag_code", "其他诊断编码", _codes, False, ()),
    Field("oprn_oprt_code", "手术操作编码", _codes, False, ()),
    Field("bill_code", "票据代码", _text(40)), Field("bill_no", "票据号码", _text(40)),
    Field("medfee_sumamt", "总费用", _fen), Field("fulamt_ownpay_amt", "全自费金额", _fen, False, 0),
    Field("overlmt_selfpay", "超限价自费", _fen, False, 0), Field("preselfpay_amt", "先行自付金额", _fen, False, 0),
    Field("aid_class", "医疗救助类别", _one_of(
        {"none": "none", "low_income": "low_income", "extreme_poverty": "extreme_poverty"},
        "none、low_income、extreme_poverty",
        {"无": "none", "低收入": "low_income", "低保": "low_income", "特困": "extreme_poverty", "特困人员": "extreme_poverty"}), False, ""),
    Field("referral", "转诊", _one_of(
        {one: one for one in REFERRALS}, "none、up、down、exempt",
        {"无": "none", "未转诊": "none", "上转": "up", "下转": "down", "急诊": "exempt", "免转诊": "exempt"}), False, "none"),
    Field("level", "机构级别（县外）", _one_of(
        {one: one for one in LEVELS[3:]}, "city、province", {"市级": "city", "省级": "province"}), False, "city"),
)  # fmt: skip
"""National names, then what this county adds (aid_class, referral, level)."""
WRITTEN: Mapping[str, str] = {
    "setl_id": "同一机构内不重复", "certno": "居民身份证号码，须已建居民档案", "hi_type": "居民、职工，或 390、310",
    "fixmedins_code": "本平台的机构编码；县外机构写其医保编码", "fixmedins_name": "县外机构必填",
    "med_type": "住院、门诊，或 21、11 等", "adm_time": "如 2026-03-09；门诊写就诊日期", "dscg_time": "如 2026-03-12；门诊同入院时间",
    "diag_code": "医保版 ICD-10，如 J18.9", "oth_diag_code": "几个之间用逗号",
    "oprn_oprt_code": "医保版 ICD-9-CM-3，主要的在前，几个之间用逗号",
    "medfee_sumamt": "元，最多两位小数", "aid_class": "无、低收入、低保、特困；留空按居民档案",
    "referral": "未转诊、上转、下转、急诊；留空为未转诊",
    "level": "市级、省级；只用于县外机构，留空为市级",
}  # fmt: skip
"""By field: how it is written, where its title does not say so."""
TITLES: Mapping[str, str] = {one.name: one.title for one in FIELDS}
CODES: Mapping[str, str] = {
    "null": "缺项", "duplicate": "重复", "amount": "金额", "eligible": "金额不符", "dates": "日期", "unknown": "代码或对象不符",
}  # fmt: skip
"""Codes of rejection in words."""


def column(name: str) -> str:
    """A column as a person knows it, its national name behind: ``总费用（medfee_sumamt）``."""
    return f"{TITLES[name]}（{name}）"


def read(rows: Sequence[tuple[int, Mapping[str, str]]]) -> tuple[list[tuple[int, dict[str, Any]]], list[BadRow]]:
    """Good rows with their values, and every fault of the others. A settlement id that comes twice rejects all its rows."""
    good, bad = [], []
    seen: dict[tuple[str, str], list[int]] = {}
    for number, cells in rows:
        values, faults = _row(number, cells)
        key = cells.get("fixmedins_code", "").strip(), cells.get("setl_id", "").strip()
        if all(key):
            seen.setdefault(key, []).append(number)
        bad += faults
        if not faults:
            good.append((number, values))
    twice = {number: key for key, numbers in seen.items() if len(numbers) > 1 for number in numbers}
    says = "结算编号在本文件中重复，重复的各行均不受理。请核对后只保留一行。"
    bad += [BadRow(number, column("setl_id"), key[1], "duplicate", says) for number, key in twice.items()]
    return [one for one in good if one[0] not in twice], sorted(bad, key=lambda one: (one.row, one.column))


def _row(number: int, cells: Mapping[str, str]) -> tuple[dict[str, Any], list[BadRow]]:
    values: dict[str, Any] = {}
    faults: list[BadRow] = []
    for field in FIELDS:
        raw = str(cells.get(field.name, "") or "").strip()
        told = column(field.name)
        if not raw:
            values[field.name] = field.default
            if field.required:
                faults.append(BadRow(number, told, "", "null", f"缺少{field.title}，请补全后重新上传"))
            continue
        try:
            values[field.name] = field.read(raw)
        except Wrong as wrong:
            shown = f"{raw[:4]}…" if field.name == "certno" else raw[:40]
            faults.append(BadRow(number, told, shown, "amount" if field.read is _fen else "unknown", str(wrong)))
    if not faults:
        spent = values["fulamt_ownpay_amt"] + values["overlmt_selfpay"] + values["preselfpay_amt"]
        if spent > values["medfee_sumamt"]:
            says = "全自费、超限价自费与先行自付之和超过总费用。请核对这几项金额。"
            faults.append(BadRow(number, column("medfee_sumamt"), str(cells["medfee_sumamt"]), "eligible", says))
        if values["dscg_time"] < values["adm_time"]:
            says = "出院时间早于入院时间。请核对日期。"
            faults.append(BadRow(number, column("dscg_time"), str(cells["dscg_time"])[:20], "dates", says))
    return values, faults
