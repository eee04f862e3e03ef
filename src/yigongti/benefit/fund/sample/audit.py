"""What the audit finds in a simulated county: a few planted claims of each kind, found by the real rules, in every state.

Runs after every other sample of the fund: it takes residents who have no claim yet, so nobody's running sums change.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from yigongti.benefit.fund.batch.auditing import Found, search
from yigongti.benefit.fund.flow.audit import FINDING
from yigongti.benefit.fund.models import Claim, Evidence, Finding, Settlement
from yigongti.benefit.fund.parameters import audit as audit_parameters
from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.benefit.fund.queries import audit as queries
from yigongti.benefit.fund.rules import parameters as rules_parameters
from yigongti.benefit.fund.rules.audit import BY_CODE
from yigongti.benefit.fund.rules.person import Claim as Reckoned
from yigongti.benefit.fund.rules.person import settle_person
from yigongti.kernel.access.models import Grant, Seat, Unit
from yigongti.kernel.sampling import Sampling, uuid_of
from yigongti.policy import facade as policy
from yigongti.service.referral.facade import sampled

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_STORIES: tuple[tuple[str, ...], ...] = (
    (), ("reply",), ("reply", "uphold"), ("reply", "uphold", "approve"), ("reply", "overturn"), ("reply", "warn"), (),
    ("reply", "uphold", "approve"), ("reply", "overturn"),
)  # fmt: skip
_REPLIES = {
    "split_admission": "两次入院主诉不同，第二次为病情反复，附两次入院记录。",
    "hanging_bed": "患者康复期要求继续住院，医嘱以理疗为主。", "impossible": "录入时选错诊断编码，已更正病案首页。",
    "overlapping": "前一次出院日期录入有误，已向医保办更正。",
}  # fmt: skip

_ADMITTED = ("impossible", "overlapping")
_REPLY = "已调阅病历和费用明细，诊疗符合规范，详见病程记录。"


@dataclass(frozen=True)
class _Stay:
    """A planted stay: days since discharge, days of stay, diagnosis and its name, sex, age in years, amounts (fen)."""

    ago: int
    days: int
    code: str
    name: str
    sex: str
    age: int
    total_fen: int
    excluded_fen: int
    copay_first_fen: int


@dataclass(frozen=True)
class _Seats:
    clerk: Seat
    head: Seat
    auditor: Seat
    approver: Seat


def sample(sampling: Sampling) -> None:
    """Write the audit's rows. Runs as owner inside maintenance."""
    county = sampled.the_county(sampling)
    seats = _seats(county)
    if seats is None:
        return
    taken = set(Claim.objects.values_list("subject_id", flat=True))
    people = [pk for pk in Grant.objects.order_by("-subject_id").values_list("subject_id", flat=True).distinct()[:2_000]
              if pk not in taken]  # fmt: skip
    rng = sampling.rng("fund", "audit")
    unit = county.units[seats.head.unit_id]
    kept = policy.keep(place=unit.place, on=sampling.as_of)
    out, first = (sampling.figure("audit", name) for name in ("excluded_percent", "copay_first_percent"))
    for person, stays in zip(people, sampling.figure("audit", "planted"), strict=False):
        bills = [
            _Stay(ago, days, code, name, sex, age, round(yuan * 100), round(yuan * out), round(yuan * first))
            for ago, days, code, name, sex, age, yuan in stays
        ]
        _plant(person, bills, unit, seats.clerk, sampling.as_of, kept, rng)
    found = search(
        queries.standing(sampling.as_of - 370 * DAY), audit_parameters.thresholds(unit.place, sampling.as_of),
        [code for code, rule in BY_CODE.items() if rule.about == "claims"],
    )  # fmt: skip
    own = [one for one in found if one.institution_id == unit.pk]
    for one, steps in zip(sorted(own, key=lambda f: (f.rule, f.key)), _STORIES, strict=False):
        _tell(county, one, steps, seats, kept, rng)
    county.keep()


def _seats(county: sampled.County) -> _Seats | None:
    """A hospital with a settlement clerk and a head, and its consortium's auditor and second person."""
    seats = sorted(county.seats.values(), key=lambda one: one.pk)
    clerks = {one.unit_id: one for one in seats if one.role_id == "settlement_clerk"}
    heads = {one.unit_id: one for one in seats if one.role_id == "unit_head"}
    for unit in sorted(clerks.keys() & heads.keys()):
        above = county.units[unit].consortium_id
        found = {one.role_id: one for one in seats if one.unit_id == above}
        auditor, approver = found.get("fund_auditor"), found.get("insurance_approver")
        if auditor is not None and approver is not None:
            return _Seats(clerks[unit], heads[unit], auditor, approver)
    return None


def _plant(
    person: int, stays: Sequence[_Stay], unit: Unit, clerk: Seat, today: date, kept: str, rng: random.Random
) -> None:  # fmt: skip
    """Claims of one person with their settlements, settled by the rule itself."""
    rows = []
    for stay in stays:
        end = today - stay.ago * DAY
        rows.append(Claim.objects.create(
            subject_id=person, year=end.year, insurance="resident", aid_class="none", institution=unit,
            consortium_id=unit.consortium_id, level="county", is_tcm=False, in_county=True, kind="inpatient",
            start_date=end - stay.days * DAY, end_date=end, principal_dx=stay.code, dx_name=stay.name, sex=stay.sex,
            age_days=stay.age * 365, days=stay.days, outcome="1", total_fen=stay.total_fen, source="counter",
            excluded_fen=stay.excluded_fen, copay_first_fen=stay.copay_first_fen,
            client_id=uuid_of(rng), entered_by=clerk, entered_at=_at(end),
        ))  # fmt: skip
    told = rules_parameters.read(parameters.resolve(unit.place, max(row.end_date for row in rows)))
    by_id = {row.pk: row for row in rows}
    for settled in settle_person([reckoned(row) for row in rows], told):
        row, trace = by_id[settled.claim.claim_id], settled.trace
        Settlement.objects.create(
            claim=row, sequence=1, eligible_fen=trace.eligible_fen, deductible_fen=trace.deductible_fen,
            ratio_bp=trace.ratio_bp, basic_fen=trace.basic_fen, serious_fen=trace.serious_fen, aid_fen=trace.aid_fen,
            person_pays_fen=trace.person_pays_fen, trace=trace._asdict(), parameter_set=kept, place=unit.place,
            client_id=uuid_of(rng), seat=clerk, settled_at=_at(row.end_date),
        )  # fmt: skip


def reckoned(row: Claim) -> Reckoned:
    """A planted claim, of no episode, as the rule takes it."""
    return Reckoned(
        row.pk, row.subject_id, row.insurance, row.aid_class, row.level, row.is_tcm, row.in_county, row.kind, row.start_date,
        row.end_date, None, row.referral, row.contracted, row.total_fen, row.excluded_fen, row.copay_first_fen,
    )  # fmt: skip


def _at(day: date) -> datetime:
    return datetime.combine(day, time(2, 30), UTC)


def _tell(
    county: sampled.County, one: Found, steps: tuple[str, ...], seats: _Seats, kept: str, rng: random.Random
) -> None:
    rule = BY_CODE[one.rule]
    claims = queries.claims(one.claims)
    story = sampled.Story(county, FINDING, rng)
    begin = min(_at(max(row.end_date for row in claims)) + 2 * DAY, county.now - 4 * HOUR)
    unit = county.units[one.institution_id]
    assert unit.consortium_id is not None
    story.begin(
        seat=seats.auditor, at=begin, to_unit=unit.pk, subject_id=None,
        title=queries.title(rule, unit.name, one.period, claims),
        hq=unit.consortium_id, values={},
    )  # fmt: skip
    row = Finding(
        case=story.case, rule=one.rule, evidence_key=one.key, institution=unit, consortium_id=unit.consortium_id,
        period=one.period, measure=one.measure, against=one.against, amount_fen=one.amount_fen, parameter_set=kept,
        found_at=begin,
    )  # fmt: skip
    story.row, at = row, begin
    for step in steps:
        at += rng.uniform(20, 100) * HOUR
        seat = {"reply": seats.head, "approve": seats.approver}.get(step, seats.auditor)
        if at > county.now or not story.act(step, seat, at, _fill(row, step, at, seat), reason=row.verdict):
            break
    story.finish()
    paid = queries.paid(one.claims)
    county.more.extend(Evidence.of(story.case.pk, claim, paid[claim.pk]) for claim in claims)


def _fill(row: Finding, step: str, at: datetime, seat: Seat) -> dict[str, Any]:
    """What a step writes into the row, and what its form held."""
    if step == "reply":
        row.reply, row.replied_by, row.replied_at = _REPLIES.get(row.rule, _REPLY), seat, at
        return {"text": row.reply, "admits": "yes" if row.rule in _ADMITTED else "no"}
    if step == "approve":
        row.approved_by, row.approved_account, row.approved_at = seat, seat.account_id, at
        return {"text": "同意"}
    row.verdict = "overturned" if step == "overturn" else "upheld"
    row.verdict_text = "已核对病历与费用明细。" if step == "overturn" else "病历与费用明细不能说明，按规定处理。"
    row.decided_by, row.decided_account, row.decided_at = seat, seat.account_id, at
    row.recover_fen = row.amount_fen if step == "uphold" else 0
    return {"text": row.verdict_text, **({"recover": row.recover_fen} if step == "uphold" else {})}
