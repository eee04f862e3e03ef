"""A finding: the institution answers, the audit group decides, a second person approves what is recovered."""

from __future__ import annotations

from yigongti.benefit.fund.actions import audit as actions
from yigongti.benefit.fund.forms import audit as forms
from yigongti.kernel.case.facade import Flow, Holder, State, Transition

ROBOT = Holder("hq", "fund.audit_run", "自查规则")
HEAD = Holder("to", "fund.reply", "机构负责人")
AUDITOR = Holder("hq", "fund.audit", "基金自查组")
APPROVER = Holder("hq", "fund.approve", "医保管理中心负责人")

FINDING = Flow(
    code="fund_finding",
    version=1,
    title="基金自查疑点",
    noun="疑点",
    domain="fund",
    start="found",
    opens=(ROBOT,),
    states=(
        State("found", "待机构答复", HEAD, "fund.audit.reply", meaning="规则发现疑点，等机构负责人核实答复"),
        State("replied", "待核定", AUDITOR, "fund.audit.decide", meaning="机构已答复，等自查组核定是否成立"),
        State("recovering", "待批准追回", APPROVER, "fund.audit.recover", meaning="核定成立，等第二人批准追回金额"),
        State("recovered", "已追回", meaning="核定成立，追回已批准入账", outcome="recovered"),
        State("warned", "成立未追回", meaning="核定成立，只要求整改", outcome="warned"),
        State("overturned", "不成立", meaning="核实后疑点不成立", outcome="overturned"),
    ),
    transitions=(
        Transition("reply", "答复", ("found",), "replied", (HEAD,), forms.REPLY, actions.on_reply, tone="primary", main=True),
        Transition("uphold", "成立，追回", ("replied",), "recovering", (AUDITOR,), forms.UPHOLD, actions.on_uphold,
                   tone="primary", main=True),
        Transition("warn", "成立，不追回", ("replied",), "warned", (AUDITOR,), forms.WARN, actions.on_warn),
        Transition("overturn", "不成立", ("replied",), "overturned", (AUDITOR,), forms.OVERTURN, actions.on_overturn),
        Transition("ask", "退回补充", ("replied",), "found", (AUDITOR,), forms.ASK),
        Transition("approve", "批准追回", ("recovering",), "recovered", (APPROVER,), forms.APPROVE, actions.on_approve,
                   tone="primary", main=True, consequence="追回金额记入机构账簿（应退医保款），不能撤销，只能冲销。"),
        Transition("return", "退回重新核定", ("recovering",), "replied", (APPROVER,), forms.RETURN, actions.on_return),
    ),
)  # fmt: skip
