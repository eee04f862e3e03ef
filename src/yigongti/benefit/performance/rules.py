"""What a round of scores must satisfy, what exactly is frozen, how a score sheet is read. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from yigongti.kernel import money
from yigongti.kernel.text import halfwidth

MOST_BP = 12_000
"""120 points: a scheme may add to 100."""
HEADS = ("机构编码", "机构名称", "得分", "质量扣款（元）", "说明")
"""Columns of the score sheet; code or name find the institution."""


@dataclass(frozen=True)
class Line:
    """One member's score: unit id, basis points, fen."""

    institution_id: int
    assessment_bp: int
    quality_deduction_fen: int = 0
    note: str = ""


@dataclass(frozen=True)
class Objection:
    """What is wrong with a round and what to do, in Chinese."""

    field: str
    message: str
    remedy: str


def to_bp(points: Decimal) -> int:
    """92.5 points → 9250."""
    return int(points * 100)


def objections(lines: Sequence[Line], members: Mapping[int, str]) -> list[Objection]:
    """Lines of institutions that are no members, or named twice. `members`: unit id → name."""
    found: list[Objection] = []
    seen: set[int] = set()
    for number, line in enumerate(lines):
        field = f"members-{number}-institution"
        if line.institution_id not in members:
            found.append(Objection(field, "这家机构不是该医共体的成员", "请选择成员单位，或改选医共体"))
        elif line.institution_id in seen:
            name = members[line.institution_id]
            found.append(Objection(field, f"{name}出现了两次", "每家成员单位只填一行"))
        seen.add(line.institution_id)
    return found


def content(consortium: str, year: int, number: int, assessment_bp: int, lines: Sequence[tuple[str, int, int]]) -> str:
    """What a frozen round says, canonical: codes of units, bp, fen; lines of (code, bp, fen) in any order."""
    return json.dumps(
        {"consortium": consortium, "year": year, "number": number, "assessment_bp": assessment_bp,
         "members": sorted(lines)},
        ensure_ascii=False, separators=(",", ":"), sort_keys=True,
    )  # fmt: skip


def digest(text: str) -> str:
    """sha256 of `content`, hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class SheetLine:
    """A row of a score sheet as the form takes it: the institution's unit id, points and yuan as typed."""

    institution: str
    points: str
    deduction: str
    note: str


def read_sheet(
    rows: Sequence[tuple[int, Sequence[str]]], known: Mapping[str, int]
) -> tuple[list[SheetLine], list[str]]:
    """Rows of (number, cells) below and with the head → lines and problems, each naming row and column.

    `known`: code or name of an institution → unit id. The head may be in any order; unknown columns are left out.
    """
    heads: dict[str, int] = {}
    lines: list[SheetLine] = []
    problems: list[str] = []
    for number, cells in rows:
        if not heads:
            found = {halfwidth(cell).strip().replace("(", "（").replace(")", "）"): at for at, cell in enumerate(cells)}
            if "得分" in found and ("机构编码" in found or "机构名称" in found):
                heads = found
            continue
        told = {head: _cell(cells, heads, head) for head in HEADS}
        unit = known.get(told["机构编码"]) or known.get(told["机构名称"])
        if unit is None:
            said = told["机构编码"] or told["机构名称"] or "（空）"
            problems.append(f"第 {number} 行 机构：“{said}”不是可评分的成员单位，请核对编码或名称")
            continue
        problems += _faults(number, told)
        lines.append(SheetLine(str(unit), told["得分"], told["质量扣款（元）"], told["说明"][:200]))
    if not heads:
        problems.append(f"没有找到表头：需要“得分”和“机构编码”或“机构名称”，完整的列是 {'、'.join(HEADS)}")
    return lines, problems


def _cell(cells: Sequence[str], heads: Mapping[str, int], head: str) -> str:
    at = heads.get(head)
    return halfwidth(cells[at]).strip() if at is not None and at < len(cells) else ""


def _faults(number: int, told: Mapping[str, str]) -> list[str]:
    found = []
    try:
        points = Decimal(told["得分"])
        if not 0 <= points * 100 <= MOST_BP or points * 100 != int(points * 100):
            raise InvalidOperation
    except (InvalidOperation, ValueError):
        found.append(f"第 {number} 行 得分：“{told['得分']}”应为 0 到 120 的数，最多两位小数")
    if told["质量扣款（元）"]:
        try:
            if money.parse_yuan(told["质量扣款（元）"]) < 0:
                found.append(f"第 {number} 行 质量扣款：不能为负")
        except money.MoneyError as wrong:
            found.append(f"第 {number} 行 质量扣款：{wrong}")
    return found
