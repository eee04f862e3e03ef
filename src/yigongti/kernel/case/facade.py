"""What modules use of the case kernel."""

from yigongti.kernel.case.engine import Conflict, flow_of, may_act, open_case, perform, unit_on
from yigongti.kernel.case.events import CaseLate, CaseMoved, CaseOpened
from yigongti.kernel.case.flow import Act, Flow, FlowError, Holder, Limit, Refused, State, Transition, reason
from yigongti.kernel.case.models import CASE_SELECT, Case, Notice, TimelineEntry

__all__ = [
    "CASE_SELECT", "Act", "Case", "CaseLate", "CaseMoved", "CaseOpened", "Conflict", "Flow", "FlowError", "Holder",
    "Limit", "Notice", "Refused", "State", "TimelineEntry", "Transition", "flow_of", "may_act", "open_case", "perform",
    "reason", "unit_on",
]  # fmt: skip
