"""Points of a case and what they are worth, whole numbers throughout: batches compile these functions as they stand (`batch.scoring`).

Amounts are fen, points thousandths of a point, rates a point value (fen) times a coefficient (basis points).
"""

from __future__ import annotations

from yigongti.benefit.fund.rules.settlement import mul

POINTS = 10_000_000
"""Thousandths of a point times basis points: what a rate is divided by."""
PLAIN, LOW, HIGH = 0, 1, 2
RULES = ("plain", "low", "high")
"""What gave a case its points: its group's; by its cost; its group's with the excess added, listed for review."""


def nearest(numerator: int, denominator: int) -> int:
    """numerator / denominator to the nearest integer, halves up (numerator ≥ 0, denominator > 0); nothing grows beyond either."""
    rest = numerator % denominator
    return numerator // denominator + (1 if rest >= denominator - rest else 0)


def charged(total_fen: int, mean_fen: int, low_bp: int, high_bp: int) -> tuple[int, int]:
    """(what a case counts as in its group, fen; which of RULES): its points are to its group's as this is to the group's mean."""
    if total_fen * 10_000 < mean_fen * low_bp:
        return total_fen, LOW
    if mean_fen > 0 and total_fen * 10_000 > mean_fen * high_bp:
        return total_fen - mul(mean_fen, high_bp - 10_000), HIGH
    return mean_fen, PLAIN


def worth(points_milli: int, rate: int) -> int:
    """What points are worth at a rate, in fen, half up; in two parts, so that no product leaves 64 bits."""
    return points_milli // POINTS * rate + nearest(points_milli % POINTS * rate, POINTS)


def owed(by_points: bool, own: int, basic: int, standard: int) -> int:
    """What the fund owes for a claim: what its points are worth less what the basic part did not pay (*own*), or what it did pay."""
    if by_points:
        return max(0, standard - own)
    return basic
