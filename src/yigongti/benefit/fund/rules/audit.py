"""What looks wrong among claims: eight rules as Ibis expressions, thresholds from policy (fund.audit.*).

Every rule takes the prepared claims and the thresholds and gives one row a finding, columns of ``FOUND``: `institution_id`
(who answers), `claims` (the evidence, ids in ascending order), `measure` and `against` (what was measured, in the unit that
the rule names, and what it was held against), `amount_fen` (fund paid for the claims at issue), `period` (year and
quarter as 20251 for findings about an institution, 0 for those about claims). A finding is a question, not a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir

COLUMNS: Mapping[str, str] = {
    "claim_id": "int64", "person_id": "int64", "institution_id": "int64", "own_id": "int64", "level": "string",
    "kind": "string", "start_day": "int32", "end_day": "int32", "quarter": "int32", "referral": "string",
    "principal_dx": "string", "age_days": "int32", "sex": "string", "outcome": "string", "total_fen": "int64",
    "basic_fen": "int64", "died_day": "int32",
}  # fmt: skip
"""What a rule may read. `own_id`: consortium of the institution; days count from 1970-01-01; `quarter` of `end_day` as
20251; `died_day`: the person's recorded death, null when alive."""
FOUND = ("institution_id", "claims", "measure", "against", "amount_fen", "period")
_WIDE = "decimal(38, 0)"
"""Products of charges, days and basis points: no absurd claim makes the nightly run overflow."""
DIED = "5"
"""Way of leaving: death, as the settlement list codes it."""


@dataclass(frozen=True)
class Thresholds:
    """The dated values of fund.audit.*: days, fen, bp, counts."""

    split_days: int
    planned: tuple[str, ...]
    """Categories readmitted by plan (chemotherapy, dialysis): no split, no hanging bed."""
    hanging_days: int
    hanging_day_fen: int
    hanging_low_bp: int
    long_stay: tuple[str, ...]
    """Categories in which long stays at low cost are usual."""
    peers_least: int
    dear_bp: int
    dear_fen: int
    upcoded_bp: int
    low_bp: int
    low_share_bp: int
    low_cases_least: int
    overlap_days: int
    impossible: tuple[tuple[str, str, str, int, int], ...]
    """First and last category, sex it belongs to or any, least and greatest age in days."""


Expression = Callable[["ir.Table", Thresholds], "ir.Table"]


@dataclass(frozen=True)
class Rule:
    """One rule: its words, what `measure` and `against` count, and the policy keys it reads."""

    code: str
    title: str
    question: str
    measure: str
    against: str
    unit: str
    keys: tuple[str, ...]
    expression: Expression
    about: str = "claims"
    """claims, or institution: then one finding an institution and quarter."""


def prepared(t: ir.Table) -> ir.Table:
    """Claims with the two codes that rules group by: category (three characters) and sub-category (five)."""
    dx = t.principal_dx.upper().replace(" ", "")
    return t.mutate(dx3=dx.left(3), dx4=dx.left(5))


def _rows(t: ir.Table, **columns: Any) -> ir.Table:
    return t.select(**{"institution_id": t.institution_id, "period": 0, **columns})


def _pair(a: Any, b: Any) -> Any:
    import ibis

    return ibis.array([ibis.least(a, b), ibis.greatest(a, b)])


def _one(t: ir.Table) -> Any:
    import ibis

    return ibis.array([t.claim_id])


def split_admission(t: ir.Table, p: Thresholds) -> ir.Table:
    """Admitted again for the same disease within days of discharge, at the same institution or a sister, not as a referral."""
    import ibis

    stays = t.filter(t.kind == "inpatient", t.dx3 != "", t.dx3.notin(p.planned or ("",)))
    window = ibis.window(group_by=[stays.person_id, stays.dx3], order_by=[stays.start_day, stays.claim_id])
    stays = stays.mutate(
        before_id=stays.claim_id.lag().over(window), before_end=stays.end_day.lag().over(window),
        before_at=stays.institution_id.lag().over(window), before_own=stays.own_id.lag().over(window),
    )  # fmt: skip
    again = stays.filter(
        stays.before_id.notnull(), stays.start_day >= stays.before_end,
        stays.start_day - stays.before_end <= p.split_days, stays.referral.notin(["up", "down"]),
        (stays.institution_id == stays.before_at) | (stays.own_id == stays.before_own).fill_null(False),
    )  # fmt: skip
    return _rows(again, claims=_pair(again.before_id, again.claim_id), measure=again.start_day - again.before_end,
                 against=p.split_days, amount_fen=again.basic_fen)  # fmt: skip


def hanging_bed(t: ir.Table, p: Thresholds) -> ir.Table:
    """A long stay that cost next to nothing a day beside others of the disease at its level (where there are too few of them:
    beside a fixed sum): a bed without treatment."""
    import ibis

    usual = (*p.planned, *p.long_stay) or ("",)
    stays = t.filter(t.kind == "inpatient", t.dx3.notin(usual))
    stays = stays.mutate(days=ibis.greatest(stays.end_day - stays.start_day, 1), cost=stays.total_fen.cast(_WIDE))
    window = ibis.window(group_by=["dx3", "level"])
    stays = stays.mutate(
        others=stays.count().over(window) - 1, other_cost=stays.cost.sum().over(window).cast(_WIDE) - stays.cost,
        other_days=stays.days.sum().over(window).cast(_WIDE) - stays.days,
    )  # fmt: skip
    stays = stays.mutate(known=(stays.others >= p.peers_least) & (stays.dx3 != ""))
    low = stays.cost * stays.other_days * 10_000 < stays.other_cost * stays.days * p.hanging_low_bp
    stays = stays.filter(
        stays.end_day - stays.start_day >= p.hanging_days,
        ibis.ifelse(stays.known, low, stays.total_fen < p.hanging_day_fen * stays.days),
    )  # fmt: skip
    line = (stays.other_cost * p.hanging_low_bp / (stays.other_days * 10_000)).floor().cast("int64")
    return _rows(stays, claims=_one(stays), measure=(stays.total_fen / stays.days).floor().cast("int64"),
                 against=ibis.ifelse(stays.known, line, p.hanging_day_fen), amount_fen=stays.basic_fen)  # fmt: skip


def _means(t: ir.Table, by: list[str], name: str) -> ir.Table:
    """Every row with how many peers share *by* and what they cost together, itself included."""
    import ibis

    window = ibis.window(group_by=by)
    return t.mutate(
        **{f"{name}_n": t.count().over(window), f"{name}_sum": t.total_fen.sum().over(window).cast("int64")}
    )


def over_prescribing(t: ir.Table, p: Thresholds) -> ir.Table:
    """A visit many times dearer than those of peers: the same disease at the same level elsewhere or by others."""
    visits = _means(t.filter(t.kind == "outpatient", t.dx3 != ""), ["dx3", "level"], "peer")
    others = visits.peer_n - 1
    visits = visits.filter(others >= p.peers_least, visits.total_fen >= p.dear_fen)
    rest = visits.peer_sum - visits.total_fen
    dear = visits.filter(visits.total_fen * (visits.peer_n - 1) * 10_000 > rest * p.dear_bp)
    mean = ((dear.peer_sum - dear.total_fen) / (dear.peer_n - 1)).floor().cast("int64")
    return _rows(dear, claims=_one(dear), measure=dear.total_fen, against=mean, amount_fen=dear.basic_fen)


def upcoding(t: ir.Table, p: Thresholds) -> ir.Table:
    """Coded with a sub-category that is dear among peers, yet as cheap as the category's others: the code may be too heavy."""
    stays = t.filter(t.kind == "inpatient", t.dx3 != "")
    stays = _means(_means(stays, ["dx3", "level"], "all"), ["dx4", "level"], "sub")
    rest_n, rest_sum = stays.all_n - stays.sub_n, stays.all_sum - stays.sub_sum
    stays = stays.mutate(rest_n=rest_n, rest_sum=rest_sum).filter(stays.sub_n >= p.peers_least, rest_n >= p.peers_least)
    heavy = stays.filter(
        stays.sub_sum * stays.rest_n * 10_000 >= stays.rest_sum * stays.sub_n * p.upcoded_bp,
        stays.total_fen * stays.sub_n * 10_000 < stays.sub_sum * p.low_bp,
        stays.total_fen * stays.rest_n <= stays.rest_sum,
    )  # fmt: skip
    mean = (heavy.sub_sum / heavy.sub_n).floor().cast("int64")
    return _rows(heavy, claims=_one(heavy), measure=heavy.total_fen, against=mean, amount_fen=heavy.basic_fen)


def under_service(t: ir.Table, p: Thresholds) -> ir.Table:
    """An institution with too large a share of stays far below what the disease costs elsewhere at its level, in a quarter: care may
    be held back. It is held against others only: who treats most of a disease doesn't set the own yardstick."""
    stays = t.filter(t.kind == "inpatient", t.dx3 != "")
    stays = _means(_means(stays, ["dx3", "level"], "all"), ["dx3", "level", "institution_id"], "own")
    stays = stays.mutate(others=stays.all_n - stays.own_n, other_cost=stays.all_sum - stays.own_sum)
    stays = stays.filter(stays.others >= p.peers_least)
    stays = stays.mutate(
        low=stays.total_fen.cast(_WIDE) * stays.others * 10_000 < stays.other_cost.cast(_WIDE) * p.low_bp
    )
    by = stays.group_by("institution_id", "quarter").aggregate(
        n=stays.count(), few=stays.low.sum(), held=stays.claim_id.collect(where=stays.low)
    )
    by = by.filter(by.n >= p.low_cases_least, by.few * 10_000 > by.n * p.low_share_bp)
    return by.select(
        institution_id=by.institution_id, period=by.quarter, claims=by.held.sort(), against=p.low_share_bp,
        measure=(by.few * 10_000 / by.n).floor().cast("int64"), amount_fen=0,
    )  # fmt: skip


def impossible(t: ir.Table, p: Thresholds) -> ir.Table:
    """A diagnosis that this sex or age can't have: obstetric on men, prostate on women, of the newborn on adults."""
    wrong = t.claim_id.isnull()
    for first, last, sex, least, most in p.impossible:
        inside = (t.dx3 >= first) & (t.dx3 <= last)
        other = (t.sex != sex).fill_null(False) if sex in ("M", "F") else t.claim_id.isnull()
        age = ((t.age_days < least) | (t.age_days > most)).fill_null(False)
        wrong = wrong | (inside & (other | age))
    found = t.filter(wrong)
    return _rows(found, claims=_one(found), measure=found.age_days.fill_null(0).cast("int64"), against=0,
                 amount_fen=found.basic_fen)  # fmt: skip


def overlapping(t: ir.Table, p: Thresholds) -> ir.Table:
    """Two stays of one person at the same time."""
    import ibis

    stays = t.filter(t.kind == "inpatient").select(
        "claim_id", "person_id", "institution_id", "start_day", "end_day", "basic_fen"
    )
    twin = stays.view()
    pair = stays.join(twin, [stays.person_id == twin.person_id], lname="", rname="{name}_b")
    later = (pair.start_day > pair.start_day_b) | (
        (pair.start_day == pair.start_day_b) & (pair.claim_id > pair.claim_id_b)
    )
    both = ibis.least(pair.end_day, pair.end_day_b) - ibis.greatest(pair.start_day, pair.start_day_b)
    pair = pair.mutate(both=both).filter(later, both >= p.overlap_days)
    return _rows(pair, claims=_pair(pair.claim_id, pair.claim_id_b), measure=pair.both, against=p.overlap_days,
                 amount_fen=pair.basic_fen)  # fmt: skip


def after_death(t: ir.Table, p: Thresholds) -> ir.Table:
    """Treated after having died: by the way of leaving on an earlier claim, or by the recorded death."""
    import ibis

    window = ibis.window(group_by="person_id")
    left = ibis.ifelse((t.kind == "inpatient") & (t.outcome == DIED), t.end_day, None).min().over(window)
    rows = t.mutate(died=ibis.least(ibis.coalesce(left, t.died_day), ibis.coalesce(t.died_day, left)))
    late = rows.filter(rows.died.notnull(), rows.start_day > rows.died)
    return _rows(late, claims=_one(late), measure=late.start_day - late.died, against=0, amount_fen=late.basic_fen)


def _key(*names: str) -> tuple[str, ...]:
    return tuple(f"fund.audit.{name}" for name in names)


RULES: tuple[Rule, ...] = (
    Rule("split_admission", "分解住院", "同一人因同一病种短期内再次入住本院或同一医共体的机构，是否把一次住院分解为多次？",
         "距上次出院", "疑点线", "天", _key("split_days", "planned"), split_admission),
    Rule("hanging_bed", "挂床住院", "住院时间长而日均费用远低于同级同病种，是否有诊疗、是否在院？",
         "日均费用", "疑点线", "fen",
         _key("hanging_days", "hanging_low", "hanging_day_fen", "peers_least", "planned", "long_stay"), hanging_bed),
    Rule("over_prescribing", "过度诊疗", "单次门诊费用远高于同级机构同病种，用药、检查是否必要？",
         "本次费用", "同级同病种均次", "fen", _key("dear", "dear_fen", "peers_least"), over_prescribing),
    Rule("upcoding", "高套编码", "编入费用高的细分病种而实际费用很低，诊断编码有无依据？",
         "本次费用", "该编码同级均次", "fen", _key("upcoded", "low", "peers_least"), upcoding),
    Rule("under_service", "服务不足", "费用远低于其他同级机构同病种的住院占比过高，是否推诿重症、减少必要服务？",
         "低费用占比", "疑点线", "bp", _key("low", "low_share", "low_cases_least", "peers_least"), under_service, "institution"),
    Rule("impossible", "诊断与性别年龄不符", "诊断与患者的性别或年龄不符，是否录错、冒用或虚构？",
         "入院时年龄", "", "日龄", _key("impossible"), impossible),
    Rule("overlapping", "住院时间重叠", "同一人同一时间在两处住院，是否冒用、挂床或日期录错？",
         "重叠", "疑点线", "天", _key("overlap_days"), overlapping),
    Rule("after_death", "死亡后就诊", "已登记死亡的人又有就诊，是否冒用或死亡登记有误？",
         "死亡后", "", "天", (), after_death),
)  # fmt: skip
BY_CODE: Mapping[str, Rule] = {rule.code: rule for rule in RULES}


def evidence_key(rule: str, institution_id: int, claims: tuple[int, ...], period: int) -> str:
    """What makes a finding the same finding: its claims, or for one about an institution, the quarter."""
    return f"{institution_id}@{period}" if BY_CODE[rule].about == "institution" else "+".join(map(str, claims))
