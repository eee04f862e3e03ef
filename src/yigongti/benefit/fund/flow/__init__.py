"""State tables of the fund, a file a part."""

from yigongti.benefit.fund.flow.adjustment import ADJUSTMENT

FLOWS = (ADJUSTMENT,)
