"""What each path would cost this person for a typical bill of the disease: here, a level up, up and down again, outside with and
without referral. The rules are those of the settlement; what is assumed is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import connection

from yigongti.benefit.fund.actions.entering import AIDS, INSURANCES
from yigongti.benefit.fund.queries import explaining, reckoning
from yigongti.benefit.fund.queries.explaining import Explained
from yigongti.benefit.fund.rules.claims import WORDS
from yigongti.benefit.fund.rules.person import Claim, Settled
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry

Leg = tuple[str, str]
"""Level and referral of one stay of a path."""
PATHS: tuple[tuple[str, tuple[Leg, ...]], ...] = (
    ("留在乡镇卫生院住院", (("township", "none"),)), ("经转诊到县级医院", (("county", "up"),)),
    ("县级医院治疗后下转乡镇康复", (("county", "up"), ("township", "down"))), ("自行到县级医院", (("county", "none"),)),
    ("经转诊到县外（市级）", (("city", "up"),)), ("未经转诊到县外（市级）", (("city", "none"),)),
)  # fmt: skip
TRIED = 1 << 62
BILLS = 100
"""Stays that a median is of at most, the newest: what a page takes does not grow with the county."""


@dataclass(frozen=True)
class Stay:
    """One stay of a path with its explanation."""

    title: str
    total_fen: int
    told: Explained


@dataclass(frozen=True)
class Path:
    """One path: the typical bills it is reckoned with, what the person would pay and why; no bill: nothing is invented. Fen."""

    title: str
    cases: int = 0
    total_fen: int = 0
    deductible_fen: int = 0
    funds_fen: int = 0
    person_fen: int = 0
    stays: tuple[Stay, ...] = ()


@dataclass(frozen=True)
class Compared:
    """Every path, and in words what all of them take for granted."""

    paths: tuple[Path, ...]
    assumptions: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether at least one could be reckoned."""
        return any(one.stays for one in self.paths)


def compare(acting: Acting, subject_id: int, code: str) -> Compared | None:
    """Every path for a stay with this disease, reckoned with the person's year so far. Bills are medians of the county's own newest
    claims of the last twelve months (first three characters of the code). None for whom the seat may not reckon with, or who has no
    insurance that is settled here."""
    resident = registry.entry(subject_id)
    insurance, aid = INSURANCES.get(resident.insurance), AIDS.get(resident.aid, "none")
    if insurance is None or not code:
        return None
    today = calendar.today()
    stood = reckoning.standing_if_allowed(subject_id)
    if stood is None:
        return None
    bills = _bills(code[:3], int(policy.value("facts.small_cell", place=acting.place, on=today).value))
    before = [one.claim for one in stood]
    stay = Claim(
        TRIED,
        subject_id,
        insurance,
        aid,
        "township",
        False,
        True,
        "inpatient",
        today,
        today,
        TRIED,
        "none",
        False,
        0,
        0,
        0,
    )
    found = tuple(_path(title, legs, bills, before, stay, acting.place) for title, legs in PATHS)
    this_year = sum(one.end_date.year == today.year and one.insurance == insurance for one in before)
    return Compared(found, (
        f"总费用取本县近一年 {code[:3]} 类疾病同级住院清单（每级最近 {BILLS} 份以内）的中位数，不是对本人费用的预测",
        f"险种按{WORDS[insurance]}、救助类别按“{WORDS[aid]}”（居民档案）",
        f"本年已结算的 {this_year} 份清单计入起付、封顶和大病累计",
        "视为今天出院；“经转诊”即由本机构发起并已接收，各次住院同属一个转诊链",
        "不计签约家庭医生转诊的优惠，不计中医机构降一级起付",
        "不含交通、陪护等费用；实付以结算为准",
    ))  # fmt: skip


def _bills(disease: str, least: int) -> dict[str, tuple[int, int, int, int]]:
    """Level → cases and median total, excluded, first share (fen) of inpatient claims; levels with fewer than *least* are left out."""
    today, levels = calendar.today(), sorted({level for _, legs in PATHS for level, _ in legs})
    with connection.cursor() as cursor:
        cursor.execute(
            "select * from fund.typical(%s, %s, %s, %s, %s, %s)",
            [disease, levels, today - timedelta(days=365), today, least, BILLS],
        )
        return {level: tuple(row) for level, *row in cursor.fetchall()}


def _path(
    title: str, legs: tuple[Leg, ...], bills: dict[str, tuple[int, int, int, int]], before: list[Claim], stay: Claim, place: str
) -> Path:  # fmt: skip
    if any(level not in bills for level, _ in legs):
        return Path(title)
    tried = []
    for number, (level, way) in enumerate(legs):
        _, total, excluded, first = bills[level]
        tried.append(replace(
            stay, claim_id=TRIED + number, level=level, in_county=level != "city", referral=way, total_fen=total,
            excluded_fen=excluded, copay_first_fen=min(first, total - excluded),
        ))  # fmt: skip
    done = [one for one in reckoning.settled([*before, *tried], place) if one.claim.claim_id >= TRIED]
    return Path(
        title, min(bills[level][0] for level, _ in legs), sum(one.claim.total_fen for one in done),
        sum(one.trace.deductible_fen for one in done), sum(_funds(one) for one in done),
        sum(one.trace.person_pays_fen for one in done),
        tuple(Stay(f"{WORDS[one.claim.level]}住院", one.claim.total_fen, explaining.tried(one, place)) for one in done),
    )  # fmt: skip


def _funds(one: Settled) -> int:
    return one.trace.basic_fen + one.trace.serious_fen + one.trace.aid_fen
