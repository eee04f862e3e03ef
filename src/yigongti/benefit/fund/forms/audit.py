"""Forms of the audit: what an institution answers, how a finding is decided."""

from __future__ import annotations

from yigongti.kernel.form import Field, Form

REPLY = Form(
    code="fund.audit.reply", title="答复疑点", submit="提交答复",
    fields=(
        Field("text", "核实情况", "longtext", required=True, rows=4, max_length=2000,
              help="对照病历、医嘱、费用明细说明：是否属实、原因、依据"),
        Field("admits", "本机构认为", "choice", required=True, width=12, default="no",
              choices=(("no", "不存在问题"), ("yes", "存在问题，已整改"))),
    ),
)  # fmt: skip
UPHOLD = Form(
    code="fund.audit.uphold", title="核定成立，追回", submit="提交追回",
    fields=(
        Field("recover", "追回金额", "fen", required=True, min=1, width=6, help="不超过涉及的统筹支付金额；由另一人批准后执行"),
        Field("text", "理由与依据", "longtext", required=True, rows=3, max_length=1000),
    ),
)  # fmt: skip
WARN = Form(
    code="fund.audit.warn", title="核定成立，不追回", submit="核定",
    fields=(Field("text", "理由与整改要求", "longtext", required=True, rows=3, max_length=1000),),
)  # fmt: skip
OVERTURN = Form(
    code="fund.audit.overturn", title="核定不成立", submit="核定",
    fields=(Field("text", "理由", "longtext", required=True, rows=3, max_length=1000),),
)  # fmt: skip
ASK = Form(
    code="fund.audit.ask", title="退回机构补充", submit="退回",
    fields=(Field("text", "需要补充什么", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
APPROVE = Form(
    code="fund.audit.approve", title="批准追回", submit="批准",
    fields=(Field("text", "意见", "longtext", rows=2, max_length=500),),
)  # fmt: skip
RETURN = Form(
    code="fund.audit.return", title="退回重新核定", submit="退回",
    fields=(Field("text", "理由", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
