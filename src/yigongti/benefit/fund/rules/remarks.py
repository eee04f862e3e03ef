"""What is worth a second look in rows that are accepted: nothing is rejected by it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .claims import WORDS
from .lists import column
from .person import Claim, overlapping

TOLD = 3
"""Other claims that a remark names; of more it says how many."""


@dataclass(frozen=True)
class Remark:
    """Row as the spreadsheet counts, column, value, what is noticed, what to check."""

    row: int
    column: str
    value: str
    found: str
    remedy: str


def remarks(rows: Sequence[tuple[int, Claim]], standing: Sequence[tuple[str, Claim]]) -> list[Remark]:
    """Of one person's new rows, by number, beside the settled claims, each as it is called, and beside each other: two insurances
    within a calendar year (two person-years), stays that overlap.
    """
    told: list[Remark] = []
    for number, claim in rows:
        others = [*standing, *((f"本文件第 {at} 行", one) for at, one in rows if at != number)]
        told += _insurances(number, claim, others)
        told += _overlaps(number, claim, others)
    return told


def _insurances(number: int, claim: Claim, others: Sequence[tuple[str, Claim]]) -> Iterator[Remark]:
    year = claim.end_date.year
    found = [
        f"{name}（{WORDS[one.insurance]}）"
        for name, one in others
        if one.end_date.year == year and one.insurance != claim.insurance
    ]
    if found:
        yield Remark(
            number, column("hi_type"), WORDS[claim.insurance], f"同一人 {year} 年已有另一险种的清单：{_listed(found)}",
            "请核对当天的参保关系；年中确已转换险种的不用处理：两个险种的起付、限额和大病累计各算各的",
        )  # fmt: skip


def days(claim: Claim) -> str:
    """From when to when; of one day the day."""
    return str(claim.end_date) if claim.start_date == claim.end_date else f"{claim.start_date} 至 {claim.end_date}"


def _overlaps(number: int, claim: Claim, others: Sequence[tuple[str, Claim]]) -> Iterator[Remark]:
    found = [name for name, one in others if overlapping(claim, one)]
    if found:
        yield Remark(
            number, column("adm_time"), days(claim), f"住院时间重叠：{_listed(found)}",
            "同一次住院只结算一次：请核对入院、出院日期；重复的请从文件中去掉，或先冲销原清单",
        )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    more = f"等 {len(names)} 份" if len(names) > TOLD else ""
    return "、".join(names[:TOLD]) + more
