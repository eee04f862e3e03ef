"""Tables of the fund, a file a part; each table's fence stands beside it."""

from yigongti.benefit.fund.models.audit import Evidence, Finding
from yigongti.benefit.fund.models.catalogue import Catalogue, CatalogueGroup, Coefficient, ProcedureTable
from yigongti.benefit.fund.models.claims import Adjustment, Claim, Settlement
from yigongti.benefit.fund.models.clearing import ClearedMember, Clearing
from yigongti.benefit.fund.models.pool import Agreement, Budget, MonthFigure, Offer, PayLine, PayList, Prepayment
from yigongti.benefit.fund.models.sandbox import EVIDENCE, Comparison
from yigongti.benefit.fund.models.special import Opinion, Paper, Special
from yigongti.kernel.access.fence import FINDER, Policy

EXTRA_POLICIES = (
    # fund.finished_visits and fund.chains tell a counter a visit's diagnoses and a referral's way, without the record.
    Policy("care_diagnosis", "care_diagnosis_fund_finder", "select", using="true", role=FINDER),
    Policy("referral_referral", "referral_referral_fund_finder", "select", using="true", role=FINDER),
)

__all__ = [
    "EVIDENCE",
    "EXTRA_POLICIES",
    "Adjustment",
    "Agreement",
    "Budget",
    "Catalogue",
    "CatalogueGroup",
    "Claim",
    "ClearedMember",
    "Clearing",
    "Coefficient",
    "Comparison",
    "Evidence",
    "Finding",
    "MonthFigure",
    "Offer",
    "Opinion",
    "Paper",
    "PayLine",
    "PayList",
    "Prepayment",
    "ProcedureTable",
    "Settlement",
    "Special",
]
