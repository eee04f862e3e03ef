"""How the fund's cases show, a file a part."""

from yigongti.benefit.fund.desk.adjustment import ADJUSTMENT_DESK
from yigongti.benefit.fund.desk.audit import DESK as AUDIT_DESK
from yigongti.benefit.fund.desk.catalogue import CATALOGUE_DESK

DESKS = (ADJUSTMENT_DESK, AUDIT_DESK, CATALOGUE_DESK)
