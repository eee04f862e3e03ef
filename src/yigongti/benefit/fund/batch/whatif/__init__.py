"""What if (政策沙盘): a year held decoded in memory, settled again, grouped again and cleared again under amended parameters (ADR 0030)."""

from yigongti.benefit.fund.batch.whatif.pooled import Pooled, Side
from yigongti.benefit.fund.batch.whatif.tables import FUNDS, Answer, Crossing, Cut, Decile, Effect
from yigongti.benefit.fund.batch.whatif.year import WhatIf, amended

__all__ = ["FUNDS", "Answer", "Crossing", "Cut", "Decile", "Effect", "Pooled", "Side", "WhatIf", "amended"]
