"""Forms of the adjustment case."""

from yigongti.kernel.form import Field, Form

OPEN = Form(code="fund.adjustment", title="结算调整", fields=())
CONFIRM = Form(
    code="fund.adjustment.confirm", title="确认调整", submit="确认并重新结算",
    intro="逐份冲销原结算，按列出的金额重新结算；原记录保留。",
    fields=(Field("note", "说明", max_length=200),),
)  # fmt: skip
RELIST = Form(
    code="fund.adjustment.relist", title="按现状重列", submit="重列",
    intro="列出之后又有新的结算时使用：按现在的全部清单重新计算，原来的列表保留。",
    fields=(Field("note", "说明", max_length=200),),
)  # fmt: skip
DROP = Form(
    code="fund.adjustment.drop", title="不再调整", submit="结束",
    fields=(Field("note", "说明", max_length=200, required=True),),
)  # fmt: skip
REPLACE = Form(
    code="fund.adjustment.replace", title="由新列表代替", submit="结束这份列表",
    intro="同一参保人又有新的清单时，新的列表包含这一份的全部内容；只办理新的一份。", fields=(),
)  # fmt: skip
