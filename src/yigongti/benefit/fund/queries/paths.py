"""What each path would cost this person for a typical bill of the disease: here, a level up, outside with and without referral."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import connection

from yigongti.benefit.fund.actions.entering import AIDS, INSURANCES
from yigongti.benefit.fund.queries import explaining, reckoning
from yigongti.benefit.fund.queries.explaining import Explained
from yigongti.benefit.fund.rules.person import Claim
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry

PATHS = (
    ("township", "乡镇卫生院住院", "township", "none"), ("county", "经转诊到县级医院", "county", "up"),
    ("county_self", "自行到县级医院", "county", "none"), ("outside", "经转诊到县外（市级）", "city", "up"),
    ("outside_self", "未经转诊到县外（市级）", "city", "none"),
)  # fmt: skip
"""Code, words, level, referral."""
TRIED = 1 << 62


@dataclass(frozen=True)
class Path:
    """One path: the typical bill it is reckoned with, what the person would pay and why; no bill: nothing is invented."""

    title: str
    cases: int = 0
    total_fen: int = 0
    deductible_fen: int = 0
    person_fen: int = 0
    told: Explained | None = None


def paths(acting: Acting, subject_id: int, code: str) -> list[Path]:
    """Every path for a stay with this disease, reckoned with the person's year so far. Bills are medians of the county's own
    claims of the last twelve months (first three characters of the code)."""
    resident = registry.get(subject_id)
    insurance = INSURANCES.get(resident.insurance)
    if insurance is None or not code:
        return []
    today = calendar.today()
    least = int(policy.value("facts.small_cell", place=acting.place, on=today).value)
    with connection.cursor() as cursor:
        since = today - timedelta(days=365)
        cursor.execute("select * from fund.typical(%s, %s, %s, %s)", [code[:3], since, today, least])
        bills = {level: row for kind, level, *row in cursor.fetchall() if kind == "inpatient"}
    before = [one.claim for one in reckoning.standing(subject_id)]
    stay = Claim(
        TRIED, subject_id, insurance, AIDS.get(resident.aid, "none"), "township", False, True, "inpatient", today, today, TRIED,
        "none", False, 0, 0, 0,
    )  # fmt: skip
    found = []
    for _, title, level, way in PATHS:
        if level not in bills:
            found.append(Path(title))
            continue
        _, cases, total, excluded, first = bills[level]
        tried = replace(stay, level=level, in_county=level != "city", referral=way, total_fen=total, excluded_fen=excluded,
                        copay_first_fen=min(first, total - excluded))  # fmt: skip
        done = next(one for one in reckoning.settled([*before, tried], acting.place) if one.claim.claim_id == TRIED)
        found.append(Path(title, cases, total, done.trace.deductible_fen, done.trace.person_pays_fen,
                          explaining.tried(done, acting.place)))  # fmt: skip
    return found
