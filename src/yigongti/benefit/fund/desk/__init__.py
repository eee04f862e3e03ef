"""How the fund's cases show, a file a part."""

from yigongti.benefit.fund.desk.adjustment import ADJUSTMENT_DESK

DESKS = (ADJUSTMENT_DESK,)
