"""How the fund's cases show, a file a part."""

from yigongti.benefit.fund.desk.adjustment import ADJUSTMENT_DESK
from yigongti.benefit.fund.desk.audit import DESK as AUDIT_DESK

DESKS = (ADJUSTMENT_DESK, AUDIT_DESK)
