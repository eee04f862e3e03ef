"""Reading special-case reviews: whether a stay may be applied for, the cases, their opinions and papers, what was granted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from yigongti.benefit.fund.models import Catalogue, Claim, Opinion, Paper, Special
from yigongti.benefit.fund.queries import catalogue
from yigongti.benefit.fund.queries.procedures import kinds
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.special import Stay, allowed, most, objection
from yigongti.policy import facade as policy

LONG_STAY, EXPERTS = "fund.special.long_stay", "fund.special.experts"


@dataclass(frozen=True)
class Grouped:
    """A stay by its consortium's catalogue of the year: group, the numbers that are judged, the most that can be granted."""

    catalogue: Catalogue
    group: str
    stay: Stay
    most_milli: int
    numbers: dip.DipParameters


def grouped(claim: Claim, consortium_id: int) -> Grouped | None:
    """The stay as its year's published catalogue groups it; None without a catalogue or outside what is paid by groups."""
    if claim.kind != "inpatient" or not claim.in_county:
        return None
    row = catalogue.in_force(consortium_id, claim.year)
    if row is None:
        return None
    numbers = dip.read(row.parameters)
    case = dip.Case(claim.principal_dx, tuple(claim.procedures), claim.total_fen)
    one = dip.group_case(case, catalogue.loaded(row), kinds(row), numbers)
    if one.rule == "ungrouped":
        return None
    stay = Stay(claim.total_fen, one.group_mean_fen, one.points_milli, claim.days)
    return Grouped(row, one.group, stay, most(claim.total_fen, row.mean_all_fen), numbers)


def not_fitting(reason: str, found: Grouped, place: str, on: date) -> str:
    """Why the numbers of a stay do not bear the reason, in words; empty where they do."""
    days = int(policy.value(LONG_STAY, place=place, on=on).value)
    return objection(reason, found.stay, found.numbers, days)


def experts_needed(place: str, on: date) -> int:
    """How many experts must have given an opinion."""
    return int(policy.value(EXPERTS, place=place, on=on).value)


def room(consortium_id: int, year: int, place: str) -> tuple[int, int]:
    """(applied for, allowed) of a consortium's year."""
    with connection.cursor() as cursor:
        cursor.execute("select stays, applied from fund.special_room(%s, %s)", [consortium_id, year])
        stays, applied = cursor.fetchone()
    return int(applied), allowed(int(stays), catalogue.special_share(place, date(year, 1, 1)))


def granted_points(consortium_id: int, year: int) -> dict[int, int]:
    """Points (milli) that decisions gave by claim, for a seat that may try parameters and read no case."""
    with connection.cursor() as cursor:
        cursor.execute("select claim_id, granted_milli from fund.special_granted(%s, %s)", [consortium_id, year])
        return dict(cursor.fetchall())


def live_of(claim_id: int) -> Special | None:
    """The review that stands for a claim."""
    return Special.objects.filter(claim_id=claim_id, live=True).select_related("case").first()


def by_case(case_ids: Sequence[int]) -> dict[int, Special]:
    rows = Special.objects.select_related("institution", "consortium", "decided_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def opinions(case_id: int) -> list[Opinion]:
    """Opinions of a case, oldest first."""
    return list(Opinion.objects.select_related("seat").filter(special_id=case_id).order_by("at", "pk"))


def papers(case_id: int) -> list[Paper]:
    """Papers of a case without their content."""
    return list(Paper.objects.filter(special_id=case_id).defer("content").order_by("pk"))


def paper(case_id: int, paper_id: int) -> Paper | None:
    return Paper.objects.filter(special_id=case_id, pk=paper_id).first()


def granted(consortium_id: int, year: int, until: datetime | None) -> list[Special]:
    """Decisions that change points under a consortium's catalogue of the year, made by `until`; by claim."""
    rows = Special.objects.filter(consortium_id=consortium_id, year=year, decision="granted")
    if until is not None:
        rows = rows.filter(decided_at__lte=until)
    return list(rows.select_related("institution").order_by("claim_id"))


def let_through(place: str, rows: Sequence[Special], *, real: bool) -> None:
    """Look up once more every number by which these reviews were let through: the year's share, the experts, the days of a long stay.

    Raises AssumedRefused where, with *real*, one of them is assumed; PolicyGap.
    """
    for row in rows:
        catalogue.special_share(place, date(row.year, 1, 1), real=real)
        for key in (EXPERTS, LONG_STAY) if row.reason == "long_stay" else (EXPERTS,):
            policy.value(key, place=place, on=row.end_date, real=real)
