"""Scores of a simulated county: last year's of every consortium frozen, one correction still waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from yigongti.benefit.performance import rules
from yigongti.benefit.performance.flow import SCORES
from yigongti.benefit.performance.models import MemberScore, Round
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.sampling import Sampling
from yigongti.registry import facade as registry
from yigongti.service.referral.facade import sampled

BASIS = "按县级公立医院和基层机构综合绩效考核办法，年度考核结果经考核领导小组会议通过。"
_CLINICS = ("village_clinic", "community_station")


def sample(sampling: Sampling) -> None:
    """Write performance's rows. Runs as owner inside maintenance, after referral's sample."""
    county = sampled.the_county(sampling)
    year = sampling.as_of.year - 1
    consortia = [unit for unit in county.units.values() if unit.kind == Unit.Kind.CONSORTIUM]
    for place, unit in enumerate(sorted(consortia, key=lambda one: one.code)):
        pair = _pair(county, unit.pk)
        if pair is None:
            continue
        entered = min(datetime(year + 1, 1, 20, 2, tzinfo=UTC), county.now - timedelta(days=12))
        lines = _lines(sampling, unit.pk, year)
        _round(sampling, county, pair, unit, year, 1, (9_350 - 400 * place, lines), entered, frozen=True)
        if place == 0 and lines:
            again = [(lines[0][0], lines[0][1] + 50, lines[0][2]), *lines[1:]]
            _round(sampling, county, pair, unit, year, 2, (9_400, again), county.now - timedelta(days=2), frozen=False)
    county.keep()


def _pair(county: sampled.County, unit_id: int) -> tuple[Seat, Seat] | None:
    """Who scores and who confirms at a consortium."""
    found = {seat.role_id: seat for seat in county.seats.values() if seat.unit_id == unit_id}
    pair = found.get("performance_officer"), found.get("performance_confirmer")
    return (pair[0], pair[1]) if pair[0] is not None and pair[1] is not None else None


def _lines(sampling: Sampling, unit_id: int, year: int) -> list[tuple[Unit, int, int]]:
    rng = sampling.rng("performance", unit_id, year)
    rows = registry.institutions((), unit_id).exclude(kind__in=_CLINICS)
    return [(one.unit, rng.randrange(8_200, 9_900, 5), rng.choice((0, 0, 0, 0, 200_000, 500_000))) for one in rows[:60]]


def _round(
    sampling: Sampling, county: sampled.County, pair: tuple[Seat, Seat], unit: Unit, year: int, number: int,
    scores: tuple[int, list[tuple[Unit, int, int]]], at: datetime, *, frozen: bool,
) -> None:  # fmt: skip
    scorer, confirmer = pair
    points, lines = scores
    story = sampled.Story(county, SCORES, sampling.rng("performance", unit.code, year, number))
    story.begin(
        seat=scorer, at=at, to_unit=unit.pk, subject_id=None, title=f"{unit.name} {year} 年考核得分", hq=unit.pk,
        values={"consortium": {"code": str(unit.pk), "label": unit.name}, "year": year, "points": str(points / 100)},
    )  # fmt: skip
    assert scorer.account_id is not None
    row = Round(
        case=story.case, consortium=unit, year=year, number=number, assessment_bp=points, basis=BASIS,
        written_by=scorer, written_account=scorer.account_id,
    )  # fmt: skip
    confirmed = at + timedelta(days=3)
    if frozen and story.act("freeze", confirmer, confirmed, {"note": "与考核结果通报一致"}):
        row.confirmed_by, row.confirmed_account, row.frozen_at = confirmer, confirmer.account_id, confirmed
        told = [(one.code, bp, fen) for one, bp, fen in lines]
        row.digest = rules.digest(rules.content(unit.code, year, number, points, told))
    # Lines before their round: once the round is there and frozen, the database takes none.
    county.more.extend(
        MemberScore(round_id=story.case.pk, institution=one, assessment_bp=bp, quality_deduction_fen=fen)
        for one, bp, fen in lines
    )
    story.row = row
    story.finish()
