"""State tables of the fund, a file a part."""

from yigongti.benefit.fund.flow.adjustment import ADJUSTMENT
from yigongti.benefit.fund.flow.audit import FINDING
from yigongti.benefit.fund.flow.catalogue import CATALOGUE

FLOWS = (ADJUSTMENT, FINDING, CATALOGUE)
