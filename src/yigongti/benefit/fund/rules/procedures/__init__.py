"""Kinds of procedures (手术操作类别), which tell composite groups apart (fund.md 3): words, reading a table, the own list. Pure."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yigongti.kernel.text import halfwidth

WORDS: Mapping[str, str] = {
    "operation": "手术", "intervention": "介入治疗", "therapeutic": "治疗性操作", "diagnostic": "诊断性操作",
}  # fmt: skip
GROUPED: Mapping[str, str] = {
    "operation": "operation", "intervention": "operation", "therapeutic": "therapeutic", "diagnostic": "diagnostic",
}  # fmt: skip
"""As grouping takes them: what is done by catheter belongs with the operations (手术或介入 → 相关手术)."""
_BY_WORD = {
    **{word: kind for kind, word in WORDS.items()}, **{kind: kind for kind in WORDS}, "介入": "intervention", "相关手术": "operation",
    "治疗性": "therapeutic", "诊断性": "diagnostic", "诊断操作": "diagnostic", "治疗操作": "therapeutic",
}  # fmt: skip
_HEADS: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "编码", "代码", "手术操作编码", "手术操作代码", "医保版编码"), "title": ("title", "名称", "手术操作名称"),
    "kind": ("kind", "类别", "操作类别", "手术操作类别", "类型"),
}  # fmt: skip
TITLES: Mapping[str, str] = {"code": "手术操作编码", "title": "手术操作名称", "kind": "类别"}
_CODE = re.compile(r"\d{2}(\.[0-9A-Za-z]{1,10})?")
MOST = 30_000
OWN = Path(__file__).parent / "own.csv"

Entry = tuple[str, str, str]
"""(code, title, kind)"""


class TableFault(ValueError):
    """A table that can't be read as a whole; the message is for the user."""


@dataclass(frozen=True)
class BadLine:
    """What is wrong: row as the spreadsheet counts, column, value as written, reason."""

    row: int
    column: str
    value: str
    reason: str


def read(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[list[Entry], list[BadLine]]:
    """Entries by code and every fault, from a table whose first row is headings. Raises TableFault for missing columns or too many rows."""
    if not rows:
        raise TableFault("文件是空的")
    heads = {re.sub(r"[\s*]", "", halfwidth(cell)).lower(): at for at, cell in enumerate(rows[0][1])}
    places = {name: next((heads[word] for word in words if word in heads), None) for name, words in _HEADS.items()}
    missing = [TITLES[name] for name in ("code", "kind") if places[name] is None]
    if missing:
        raise TableFault(f"首行没有“{'”“'.join(missing)}”一列")
    if len(rows) - 1 > MOST:
        raise TableFault(f"有 {len(rows) - 1} 行，一次最多 {MOST} 行")
    found: dict[str, tuple[int, Entry]] = {}
    bad: list[BadLine] = []
    for number, cells in rows[1:]:
        one = {name: cells[at].strip() if at is not None and at < len(cells) else "" for name, at in places.items()}
        if not any(one.values()):
            continue
        fault = _fault(number, one) or _other_kind(number, one, found)
        if fault is not None:
            bad.append(fault)
        else:
            code = halfwidth(one["code"]).replace(" ", "")
            found.setdefault(code, (number, (code, one["title"][:120], _BY_WORD[one["kind"]])))
    return [entry for _, (_, entry) in sorted(found.items())], bad


def _fault(number: int, one: Mapping[str, str]) -> BadLine | None:
    if not _CODE.fullmatch(halfwidth(one["code"]).replace(" ", "")):
        return BadLine(number, TITLES["code"], one["code"][:40], "应为手术操作编码，如 45.13 或 45.1300x001")
    if one["kind"] not in _BY_WORD:
        return BadLine(number, TITLES["kind"], one["kind"][:40], f"类别只能是 {'、'.join(WORDS.values())}")
    return None


def _other_kind(number: int, one: Mapping[str, str], found: Mapping[str, tuple[int, Entry]]) -> BadLine | None:
    """A code of two kinds is a tie and never picked silently."""
    known = found.get(halfwidth(one["code"]).replace(" ", ""))
    if known is None or known[1][2] == _BY_WORD[one["kind"]]:
        return None
    return BadLine(
        number,
        TITLES["kind"],
        one["kind"][:40],
        f"与第 {known[0]} 行同一编码的类别“{WORDS[known[1][2]]}”不同，请只保留一种",
    )


@cache
def own() -> tuple[Entry, ...]:
    """The own starter list, by code."""
    with OWN.open(encoding="utf-8", newline="") as file:
        entries, bad = read([(at, row) for at, row in enumerate(csv.reader(file), 1)])
    assert not bad, bad
    return tuple(entries)


def kinds(entries: Iterable[Sequence[str]]) -> dict[str, str]:
    """Code → kind as grouping takes it."""
    return {code: GROUPED[kind] for code, _, kind in entries}


def digest(entries: Iterable[Sequence[str]]) -> str:
    """SHA-256 of a table's content."""
    return hashlib.sha256(json.dumps([list(one) for one in entries], ensure_ascii=False).encode()).hexdigest()
