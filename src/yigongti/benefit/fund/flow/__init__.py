"""State tables of the fund, a file a part."""

from yigongti.benefit.fund.flow.adjustment import ADJUSTMENT
from yigongti.benefit.fund.flow.audit import FINDING
from yigongti.benefit.fund.flow.catalogue import CATALOGUE
from yigongti.benefit.fund.flow.clearing import CLEARING
from yigongti.benefit.fund.flow.pool import AGREEMENT, BUDGET, PAYLIST, PREPAYMENT
from yigongti.benefit.fund.flow.special import SPECIAL

FLOWS = (ADJUSTMENT, FINDING, CATALOGUE, AGREEMENT, BUDGET, PREPAYMENT, PAYLIST, CLEARING, SPECIAL)
