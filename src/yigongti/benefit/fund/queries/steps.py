"""Every number of a budget and of a year end, step by step: how it came about, which parameter, which clause."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from yigongti.benefit.fund.models import Agreement, Budget, Clearing
from yigongti.benefit.fund.parameters import pool as pool_parameters
from yigongti.benefit.fund.queries import special
from yigongti.benefit.fund.rules.clearing import split_uses
from yigongti.benefit.fund.rules.dip import points_text
from yigongti.benefit.fund.rules.pool import read
from yigongti.kernel import money, wiring
from yigongti.kernel.money import WHOLE, mul
from yigongti.policy import facade as policy

USE_WORDS = {"wages": "绩效工资", "aid": "医疗救助", "capacity": "能力建设"}
INSURANCE_WORDS = {"resident": "居民医保", "employee": "职工医保"}


@dataclass(frozen=True)
class Source:
    """A clause and the address at which its parameter, or the agreement, is shown."""

    clause: str = ""
    url: str = ""


NOWHERE = Source()


@dataclass(frozen=True)
class Step:
    """A line: what, how it is computed, fen, where its number of policy stands."""

    title: str
    how: str
    fen: int
    source: Source = NOWHERE
    total: bool = False

    @property
    def clause(self) -> str:
        """Which text demands it."""
        return self.source.clause

    @property
    def url(self) -> str:
        """Where its parameter is shown."""
        return self.source.url


Told = Callable[[str], Source]


class Sources:
    """Where each part of the pool's parameters stands: the year's agreement, or policy with its clause."""

    def __init__(self, place: str, year: int, agreement: Agreement | None) -> None:
        self.agreement = agreement
        self.values: Mapping[str, policy.Value]
        try:
            self.values = pool_parameters.values(place, year)
        except policy.PolicyGap:
            self.values = {}

    def told(self, name: str) -> Source:
        """Of a part of the parameters."""
        if self.agreement is not None and name in pool_parameters.AGREED:
            case = self.agreement.case
            return Source(f"{self.agreement.year} 年协议 {case.number}", reverse("desk:case", args=[case.pk]))
        found = self.values.get(name)
        if found is None:
            return NOWHERE
        mark = "（平台假定）" if found.status == "assumed" else ""
        url = wiring.port("parameter_url")(pool_parameters.KEYS[name])
        return Source(f"{found.source} {found.clause}{mark}", url)


def budget_steps(row: Budget, place: str) -> list[Step]:
    """From heads to the pool."""
    pool, told = read(row.pool), Sources(place, row.year, row.agreement).told
    steps = [
        Step(
            f"{INSURANCE_WORDS[name]} {count:,} 人", f"{count:,} × {money.yuan(pool.per_capita_fen[name])} 元",
            count * pool.per_capita_fen[name], told("per_capita_fen"),
        )
        for name, count in row.persons.items()
    ]  # fmt: skip
    if row.tilt_fen:
        how = f"{money.yuan(row.base_fen)} × {money.percent(pool.tcm_tilt_bp)}"
        steps.append(Step("中医牵头倾斜", how, row.tilt_fen, told("tcm_tilt_bp")))
    steps.append(Step("总额预算", "以上合计", row.budget_fen, total=True))
    how = f"{money.yuan(row.budget_fen)} × {money.percent(pool.risk_reserve_bp)}"
    steps.append(Step("风险金", how, -row.reserve_fen, told("risk_reserve_bp")))
    return [*steps, Step("可用总额", "总额预算 − 风险金", row.pool_fen, total=True)]


def clearing_steps(row: Clearing, place: str) -> list[Step]:
    """From the pool to what is kept, returned, borne."""
    pool, told = read(row.pool), Sources(place, row.year, row.budget.agreement).told
    out = "" if pool.charge_out_of_county else "（不计入总额）"
    steps = [
        *budget_steps(row.budget, place),
        Step(
            "县域内支付",
            f"本医共体参保人在县内就医，基金应付合计{_reviewed(row)}",
            -row.charged_in_fen,
            told("inpatient_by"),
        ),
        Step(
            f"县域外支付{out}",
            "本医共体参保人在县外就医，统筹基金支付合计",
            -row.charged_out_fen,
            told("charge_out_of_county"),
        ),
        Step("结余" if row.balance_fen >= 0 else "超支", "可用总额 − 县域内 − 县域外", row.balance_fen, total=True),
    ]
    return steps + (_kept(row, place, told) if row.balance_fen >= 0 else _borne(row, told))


def _reviewed(row: Clearing) -> str:
    """Which stays count with the points of a special-case review instead of the catalogue's, in words."""
    if row.pool.get("inpatient_by") != "dip":
        return ""
    told = [
        f"{one.claim_number} {points_text(one.points_milli)} 分改为 {points_text(one.granted_milli or 0)} 分"
        for one in special.granted(row.consortium_id, row.year, row.facts_until)
    ]
    return f"；其中特例单议 {len(told)} 例：{'，'.join(told)}" if told else ""


def _kept(row: Clearing, place: str, told: Told) -> list[Step]:
    pool = read(row.pool)
    word = "奖励" if pool_parameters.rewarded(place, pool_parameters.first_day(row.year)) else "留用"
    score = min(row.assessment_bp, WHOLE)
    how = f"{money.yuan(row.balance_fen)} × {money.percent(pool.surplus_keep_bp)} × 得分 {money.percent(score)}"
    steps = [Step(f"结余{word}", how, row.kept_fen, told("surplus_keep_bp"))]
    for use, fen in split_uses(row.kept_fen, pool).items():
        how = f"{money.yuan(row.kept_fen)} × {money.percent(pool.uses.get(use, 0))}，尾差按最大余数"
        steps.append(Step(f"其中{USE_WORDS[use]}", how, fen, told("uses")))
    return [*steps, Step("上缴统筹基金", f"结余 − {word}", row.returned_fen)]


def _borne(row: Clearing, told: Told) -> list[Step]:
    pool, over = read(row.pool), -row.balance_fen
    limit = mul(row.pool_fen, pool.overspend_reasonable_bp)
    how = f"超支 {money.yuan(over)} 与 总额 × {money.percent(pool.overspend_reasonable_bp)}（{money.yuan(limit)}）取小"
    share = f"{money.yuan(row.reasonable_fen)} × {money.percent(pool.overspend_fund_bp)}"
    return [
        Step("其中合理超支", how, row.reasonable_fen, told("overspend_reasonable_bp")),
        Step("统筹基金分担", share, row.fund_share_fen, told("overspend_fund_bp")),
        Step("医共体分担", "超支 − 基金分担，按得分 × 服务量分摊到成员", row.consortium_share_fen),
    ]
