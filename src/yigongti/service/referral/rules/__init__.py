"""Pure decisions of referral: what is proposed and why, who can receive."""

from yigongti.service.referral.rules.proposal import (
    ABILITY,
    NOT_MEASURED,
    URGENCIES,
    URGENCY_TITLES,
    Ability,
    Criteria,
    CriteriaFault,
    Criterion,
    Direction,
    Fact,
    Findings,
    Proposal,
    Reason,
    Receiver,
    Truth,
    Urgency,
    check_condition,
    concerns,
    evaluate,
    holds,
    missing,
    propose_down,
    propose_up,
    receivers,
    sentence,
)

__all__ = [
    "ABILITY", "NOT_MEASURED", "URGENCIES", "URGENCY_TITLES", "Ability", "Criteria", "CriteriaFault", "Criterion",
    "Direction", "Fact", "Findings", "Proposal", "Reason", "Receiver", "Truth", "Urgency", "check_condition",
    "concerns", "evaluate", "holds", "missing", "propose_down", "propose_up", "receivers", "sentence",
]  # fmt: skip
