"""What waits at the insurance office of a simulated county: adjustments by late claims, disease catalogues.

Runs after the other samples of the fund.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

from yigongti.benefit.fund.actions import procedures
from yigongti.benefit.fund.flow import ADJUSTMENT, CATALOGUE
from yigongti.benefit.fund.models import Adjustment, Catalogue, CatalogueGroup, Claim, Settlement
from yigongti.benefit.fund.queries import catalogue as catalogues
from yigongti.benefit.fund.queries import procedures as queries
from yigongti.benefit.fund.queries import reckoning
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.catalogue import CatalogueFault
from yigongti.benefit.fund.rules.person import Settled
from yigongti.benefit.fund.sample.audit import reckoned
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.sampling import Sampling, uuid_of
from yigongti.policy import facade as policy
from yigongti.service.referral.facade import sampled

DAY = timedelta(days=1)
TRIED = 1 << 62
"""The number of a claim that is only tried."""
WAITING = (2, 9)
"""Days that the adjustments of a consortium have waited."""


def sample(sampling: Sampling) -> None:
    """Write the rows. Runs as owner inside maintenance, after claims, audit and the year's money."""
    county = sampled.the_county(sampling)
    told: list[tuple[sampled.Story, list[Adjustment]]] = []
    trained: list[tuple[Catalogue, list[CatalogueGroup]]] = []
    seats = sorted(county.seats.values(), key=lambda one: one.pk)
    for unit in sorted((u for u in county.units.values() if u.kind == Unit.Kind.CONSORTIUM), key=lambda u: u.code):
        rng = sampling.rng("fund", "office", unit.code)
        told += _adjustments(county, unit, seats, rng, round(100 * sampling.figure("claims", "late_yuan")))
        own = {seat.role_id: seat for seat in seats if seat.unit_id == unit.pk}
        if {"insurance_office", "insurance_approver"} <= own.keys():
            trained += _catalogues(county, unit, own, sampling.as_of.year, rng)
    county.keep()
    for story, rows in told:
        for row in rows:
            row.case_id = story.case.pk
        Adjustment.objects.bulk_create(rows)
    for head, groups in trained:
        head.save(force_insert=True)
        CatalogueGroup.objects.bulk_create(groups)


# ---- adjustments ----------------------------------------------------------------------------------


def _adjustments(
    county: sampled.County, unit: Unit, seats: list[Seat], rng: random.Random, fen: int
) -> list[tuple[sampled.Story, list[Adjustment]]]:
    """Stays that were settled although an earlier one of the year came in only now."""
    out: list[tuple[sampled.Story, list[Adjustment]]] = []
    clerks = {seat.unit_id: seat for seat in seats if seat.role_id == "settlement_clerk"}
    for claim in _only_ones(unit, set(clerks), county.now):
        clerk = clerks[claim.institution_id]
        at = county.ago(24 * WAITING[len(out)])
        late = _late(claim, clerk, at, rng, fen)
        if not _changes(claim, late):
            continue
        story = sampled.Story(county, ADJUSTMENT, rng)
        story.begin(seat=clerk, at=at, to_unit=unit.pk, subject_id=claim.subject_id, title="结算调整：1 份已结算清单",
                    hq=unit.pk, values={})  # fmt: skip
        story.finish()
        out.append((story, [_listed(claim, late, clerk, at, rng)]))
        if len(out) == len(WAITING):
            break
    return out


def _only_ones(unit: Unit, institutions: set[int], now: datetime) -> list[Claim]:
    """Stays of people who have no other claim, far enough into the year for an earlier stay to lie in it."""
    rows = Claim.objects.filter(
        consortium_id=unit.pk, kind="inpatient", institution_id__in=institutions, episode=None, end_date__year=now.year,
        end_date__gte=date(now.year, 3, 1),
    ).order_by("pk")[:400]  # fmt: skip
    people = [row.subject_id for row in rows]
    counted: dict[int, int] = {}
    for subject in Claim.objects.filter(subject_id__in=people).values_list("subject_id", flat=True):
        counted[subject] = counted.get(subject, 0) + 1
    return [row for row in rows if counted[row.subject_id] == 1]


def _late(claim: Claim, clerk: Seat, at: datetime, rng: random.Random, fen: int) -> Claim:
    """Not written yet."""
    end = claim.start_date - 20 * DAY
    return Claim(
        subject_id=claim.subject_id, year=end.year, insurance=claim.insurance, aid_class=claim.aid_class,
        institution_id=claim.institution_id, consortium_id=claim.consortium_id, level=claim.level, is_tcm=claim.is_tcm,
        in_county=claim.in_county, kind="inpatient", start_date=end - 12 * DAY, end_date=end, principal_dx="I63.9",
        dx_name="脑梗死", age_days=max((claim.age_days or 0) - 32, 0), sex=claim.sex, days=12, outcome="1", total_fen=fen,
        excluded_fen=fen // 20, copay_first_fen=fen // 20, source="counter", client_id=uuid_of(rng),
        entered_by=clerk, entered_at=at,
    )  # fmt: skip


def _changes(claim: Claim, late: Claim) -> bool:
    """Whether a late claim that is not written yet would change the settled one."""
    before = Settlement.objects.get(claim=claim)
    tried = replace(reckoned(late), claim_id=TRIED)
    now = next(
        one for one in reckoning.settled([tried, reckoned(claim)], before.place) if one.claim.claim_id == claim.pk
    )
    return reckoning.result(now) != tuple(getattr(before, name) for name in reckoning.RESULT)


def _listed(claim: Claim, late: Claim, clerk: Seat, at: datetime, rng: random.Random) -> Adjustment:
    """Settle the late claim and list what that changes, by the rule itself."""
    late.save(force_insert=True)
    before = Settlement.objects.get(claim=claim)
    results: dict[int, Settled] = {
        one.claim.claim_id: one for one in reckoning.settled([reckoned(late), reckoned(claim)], before.place)
    }
    done = results[late.pk].trace
    Settlement.objects.create(
        claim=late, sequence=1, eligible_fen=done.eligible_fen, trace=done._asdict(), place=before.place,
        parameter_set=policy.keep(place=before.place, on=late.end_date), client_id=uuid_of(rng), seat=clerk, settled_at=at,
        **dict(zip(reckoning.RESULT, reckoning.result(results[late.pk]), strict=True)),
    )  # fmt: skip
    now = results[claim.pk]
    return Adjustment(
        listing=1, claim=claim, cause=late, before=before, trace=now.trace._asdict(),
        **dict(zip(reckoning.RESULT, reckoning.result(now), strict=True)),
    )  # fmt: skip


# ---- catalogues -----------------------------------------------------------------------------------


def _catalogues(
    county: sampled.County, unit: Unit, seats: dict[str, Seat], year: int, rng: random.Random
) -> list[tuple[Catalogue, list[CatalogueGroup]]]:
    """This year's catalogue, published in spring, and next year's, which waits for the second person."""
    out = []
    table = procedures.starter(unit.pk, seats["insurance_office"].pk, county.now - 201 * DAY)
    table.save(force_insert=True)
    for number, (of, days) in enumerate(((year, 200), (year + 1, 3))):
        try:
            raw = catalogues.parameters(unit.place, date(year, 1, 1))
            found = catalogues.trained(unit.pk, of, dip.read(raw), queries.of(table))
        except (CatalogueFault, policy.PolicyGap):
            continue
        if not found.groups:
            continue
        office, head = seats["insurance_office"], seats["insurance_approver"]
        at = county.ago(24 * days)
        story = sampled.Story(county, CATALOGUE, rng)
        story.begin(seat=office, at=at, to_unit=unit.pk, subject_id=None, title=f"{unit.name} {of} 年病种目录", hq=unit.pk,
                    values={"year": of})  # fmt: skip
        published = at + 2 * DAY if number == 0 and story.act("publish", head, at + 2 * DAY, {}) else None
        story.finish()
        row = Catalogue(
            case_id=story.case.pk, consortium=unit, year=of, number=1, parameters=raw, place=unit.place, procedures=table,
            sources=[[one.name, one.weight, one.cases, str(one.total_fen)] for one in found.sources],
            mean_all_fen=found.mean_all_fen, digest=found.digest, written_by=office, written_account=_account(office),
            published_by=head if published else None, published_account=_account(head) if published else None,
            published_at=published,
        )  # fmt: skip
        same = catalogues.same_pay(unit.place, date(year, 1, 1))
        groups = [
            CatalogueGroup(
                catalogue_id=story.case.pk, name=one.name, kind_of_group=one.kind_of_group, cases=one.cases,
                weighted_fen=one.weighted_fen, weighted_cases=one.weighted_cases, mean_fen=one.mean_fen,
                points_milli=one.points_milli, same_pay=dip.is_same_pay(one.name, same),
            )
            for _, one in sorted(found.groups.items())
        ]  # fmt: skip
        out.append((row, groups))
    return out


def _account(seat: Seat) -> int:
    assert seat.account_id is not None
    return seat.account_id
