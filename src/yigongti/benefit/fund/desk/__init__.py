"""How the fund's cases show, a file a part."""

from yigongti.benefit.fund.desk.adjustment import ADJUSTMENT_DESK
from yigongti.benefit.fund.desk.audit import DESK as AUDIT_DESK
from yigongti.benefit.fund.desk.catalogue import CATALOGUE_DESK
from yigongti.benefit.fund.desk.clearing import CLEARING_DESK
from yigongti.benefit.fund.desk.pool import AGREEMENT_DESK, BUDGET_DESK, PAYLIST_DESK, PREPAYMENT_DESK
from yigongti.benefit.fund.desk.special import SPECIAL_DESK

DESKS = (
    ADJUSTMENT_DESK,
    AUDIT_DESK,
    CATALOGUE_DESK,
    AGREEMENT_DESK,
    BUDGET_DESK,
    PREPAYMENT_DESK,
    PAYLIST_DESK,
    CLEARING_DESK,
    SPECIAL_DESK,
)
