"""How the lines of a sandbox's clearing come about: each amount with what it was reckoned from, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yigongti.benefit.fund.pages.sandbox.tables import POOL_LINES, USES, triple
from yigongti.benefit.fund.queries.steps import USE_WORDS
from yigongti.benefit.fund.rules.claims import WORDS
from yigongti.kernel import money
from yigongti.kernel.sheet import Sheet

Pools = tuple[Mapping[str, Any], Mapping[str, Any]]
"""The object ``pool`` of both sides."""
HEADS = (("项目", False), ("现行", True), ("改后", True), ("增减（元）", True))
NEEDS: Mapping[str, tuple[str, ...]] = {
    "budget_fen": (), "reserve_fen": ("budget_fen",), "pool_fen": ("budget_fen", "reserve_fen"),
    "balance_fen": ("pool_fen", "charged_in_fen", "charged_out_fen"), "kept_fen": ("balance_fen",),
    "returned_fen": ("balance_fen", "kept_fen"),
    "fund_share_fen": ("balance_fen", "pool_fen"), "consortium_share_fen": ("balance_fen", "fund_share_fen"),
    "final_point": ("pool_fen", "charged_in_fen", "charged_out_fen"),
}  # fmt: skip
"""Line → the lines that it is reckoned from."""
RATES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "reserve_fen": (("risk_reserve_bp", "风险金比例"),), "kept_fen": (("surplus_keep_bp", "结余留用比例"),),
    "fund_share_fen": (("overspend_reasonable_bp", "合理超支上限"), ("overspend_fund_bp", "合理超支中基金分担")),
    "budget_fen": (("tcm_tilt_bp", "中医医院牵头的倾斜"),),
}  # fmt: skip
TITLES = {**dict(POOL_LINES), "final_point": "年终点值"}


def _line(name: str, result: Mapping[str, Any]) -> tuple[Any, ...]:
    if name == "final_point":
        before, after = result["final_point"]["before"], result["final_point"]["after"]
    else:
        before, after = (result["consortium"][side][name] for side in ("before", "after"))
    return (
        (TITLES[name], *triple(before, after))
        if before is not None and after is not None
        else (TITLES[name], "没有", "没有", "")
    )


def _rate(title: str, name: str, pools: Pools) -> tuple[Any, ...]:
    return (title, *(money.percent(pool[name]) for pool in pools), "")


def pool_steps(
    result: Mapping[str, Any], pools: Pools, persons: Mapping[str, int], assessment_bp: int, name: str
) -> Sheet | None:
    """What a line of the clearing was reckoned from; None for what is no such line. *persons*: insured by insurance."""
    if name not in NEEDS:
        return None
    rows: list[tuple[Any, ...]] = [_line(one, result) for one in NEEDS[name]]
    if name == "budget_fen":
        for insurance, heads in sorted(persons.items()):
            word = WORDS.get(insurance, insurance)
            rows.append((f"{word}参保人数", f"{heads:,}", f"{heads:,}", ""))
            rows.append((f"{word}人均（元）", *triple(*(pool["per_capita_fen"].get(insurance, 0) for pool in pools))))
    rows += [_rate(title, key, pools) for key, title in RATES.get(name, ())]
    if name == "kept_fen":
        rows.append(("医共体考核得分（满分 100%）", *(money.percent(assessment_bp),) * 2, ""))
    rows.append(_line(name, result))
    return Sheet(TITLES[name], HEADS, rows)


def member_steps(result: Mapping[str, Any], pools: Pools, scores: Mapping[int, tuple[int, int]], unit: int) -> Sheet:
    """What a member's income, part of the surplus and of the overspend, and next prepayment rest on.

    *scores*: assessment (bp) and quality deduction (fen) by institution.
    """
    one = next(row for row in result["members"] if row["institution_id"] == unit)
    score, deduction = scores[unit]
    rows: list[tuple[Any, ...]] = [
        ("质量扣款（从全部清单的基金应付额中扣）", *triple(deduction, deduction)),
        ("基金收入", *triple(one["before"]["income_fen"], one["after"]["income_fen"])),
        ("服务量（本医共体参保人的清单）", *(f"{one['services']:,}",) * 2, ""),
        ("考核得分", *(money.percent(score),) * 2, ""),
        _line("kept_fen", result),
        *((f"　本单位分得：{USE_WORDS.get(use.removesuffix('_fen'), use)}", *triple(one["before"][use], one["after"][use]))
          for use in USES),
        _line("consortium_share_fen", result),
        ("　本单位分担超支", *triple(one["before"]["overspend_fen"], one["after"]["overspend_fen"])),
        _rate("预付比例", "prepay_bp", pools), _rate("预付中按服务人口的部分", "prepay_population_bp", pools),
        ("次年预付（本单位为账户单位时）", *triple(one["before"]["prepaid_fen"], one["after"]["prepaid_fen"])),
    ]  # fmt: skip
    return Sheet(one["name"], HEADS, rows)
