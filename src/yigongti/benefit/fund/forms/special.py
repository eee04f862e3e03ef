"""Forms of the special-case review: application, check, opinion, decision."""

from __future__ import annotations

from yigongti.benefit.fund.rules.special import REASONS
from yigongti.kernel.form import Field, Form

CLAUSE = "按病种分值付费：特例单议"
APPLY = Form(
    code="fund.special", title="申请特例单议", submit="提交申请",
    intro="写清病情、诊疗经过、费用为什么偏离；不写姓名和身份号码。",
    fields=(
        Field("reason", "理由", "choice", required=True, width=5, choices=tuple(REASONS.items()), clause=CLAUSE),
        Field("text", "情况说明", "longtext", required=True, rows=5, max_length=2000),
    ),
)  # fmt: skip
ACCEPT = Form(
    code="fund.special.accept", title="材料齐全，送专家评审", submit="送专家评审",
    fields=(Field("note", "说明", max_length=200),),
)  # fmt: skip
RETURN = Form(
    code="fund.special.return", title="退回补正", submit="退回",
    fields=(Field("text", "缺什么", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
DECLINE = Form(
    code="fund.special.decline", title="不予受理", submit="不予受理",
    fields=(Field("text", "理由", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
SUPPLEMENT = Form(
    code="fund.special.supplement", title="补正", submit="再次提交",
    fields=(Field("text", "情况说明（整段重写）", "longtext", required=True, rows=5, max_length=2000),),
)  # fmt: skip
OPINION = Form(
    code="fund.special.opinion", title="专家意见", submit="提交意见",
    fields=(
        Field("supports", "意见", "choice", required=True, width=4, choices=(("yes", "支持"), ("no", "不支持"))),
        Field("points", "建议分值", "decimal", min=0, places=3, width=4, unit="分", when=("supports", "yes"), required=True,
              help="不超过费用全额折算的分值"),
        Field("text", "理由", "longtext", required=True, rows=3, max_length=1000),
    ),
)  # fmt: skip
REPORT = Form(
    code="fund.special.report", title="汇总意见，报医保局", submit="报医保局",
    fields=(Field("text", "医保管理中心意见", "longtext", required=True, rows=3, max_length=1000),),
)  # fmt: skip
GRANT = Form(
    code="fund.special.grant", title="同意", submit="同意",
    fields=(
        Field("points", "核定分值", "decimal", required=True, min=0, places=3, width=4, unit="分",
              help="代替目录分值，从下一次清算起计入；不超过费用全额折算的分值"),
        Field("text", "理由", "longtext", required=True, rows=3, max_length=1000),
    ),
)  # fmt: skip
REFUSE = Form(
    code="fund.special.refuse", title="不同意", submit="不同意",
    fields=(Field("text", "理由", "longtext", required=True, rows=3, max_length=1000),),
)  # fmt: skip
WITHDRAW = Form(
    code="fund.special.withdraw", title="撤回申请", submit="撤回",
    fields=(Field("note", "原因", max_length=200),),
)  # fmt: skip
