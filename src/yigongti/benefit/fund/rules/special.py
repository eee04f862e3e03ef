"""Special-case review (特例单议): why a stay may be looked at, how many may, what the decision may grant. Pure; fen, milli points."""

from __future__ import annotations

from dataclasses import dataclass

from yigongti.benefit.fund.rules.dip import DipParameters
from yigongti.kernel.money import WHOLE, Fen, half_up

REASONS = {
    "high_cost": "费用远高于病种均费", "low_cost": "费用远低于病种均费", "long_stay": "住院时间过长", "new_technique": "使用新技术、新药耗",
    "multi_discipline": "多学科联合诊疗",
}  # fmt: skip


@dataclass(frozen=True)
class Stay:
    """What is judged: cost and group mean (fen), points of the group's rule (milli), days in bed."""

    total: Fen
    group_mean: Fen
    points_milli: int
    days: int


def allowed(discharges: int, share_bp: int) -> int:
    """How many stays of a consortium's year may be reviewed; a part of one counts as one (ADR 0031)."""
    return -(-discharges * share_bp // WHOLE)


def objection(reason: str, stay: Stay, numbers: DipParameters, long_stay_days: int) -> str:
    """Why a stay does not bear the reason that was chosen; empty where it does. What no number shows is the experts' to judge."""
    if reason == "high_cost" and not stay.total * WHOLE > stay.group_mean * numbers.high_bp:
        return f"费用没有超过病种均费的 {numbers.high_bp / WHOLE:g} 倍"
    if reason == "low_cost" and not stay.total * WHOLE < stay.group_mean * numbers.low_bp:
        return f"费用不低于病种均费的 {numbers.low_bp / 100:g}%"
    if reason == "long_stay" and stay.days < long_stay_days:
        return f"住院 {stay.days} 天，不足 {long_stay_days} 天"
    return ""


def most(total: Fen, mean_all: Fen) -> int:
    """The points (milli) that pay a stay's whole cost as points are made: cost over the mean of all stays. No decision grants more."""
    return half_up(total * 1_000_000, mean_all)


def suggested(opinions: list[int], stay: Stay) -> int:
    """What the experts' supporting opinions come to (milli): their mean; the group's own points where nobody supports."""
    return half_up(sum(opinions), len(opinions)) if opinions else stay.points_milli
