"""Forms of the flows: explain, confirm, send back; what was done about a job, why it is let be."""

from __future__ import annotations

from yigongti.kernel.form import Field, Form
from yigongti.responsibility.supervision import words

EXPLAIN = Form(
    code="supervision.explain", title="说明封存中断", submit="提交说明",
    fields=(
        Field("cause", "原因", "choice", choices=words.CAUSES, required=True, width=6),
        Field("text", "经过", "longtext", required=True, rows=3, max_length=1000,
              help="何时、什么停了，怎样发现、怎样恢复；有停机登记或报修单的写明编号"),
        Field("measures", "已采取的措施", "longtext", required=True, rows=2, max_length=1000,
              help="是否已执行 yigongti audit verify，结果如何；怎样避免再次发生"),
    ),
)  # fmt: skip
CONFIRM = Form(
    code="supervision.confirm", title="确认说明，结案", submit="确认",
    fields=(Field("opinion", "意见", "longtext", rows=2, max_length=500),),
)  # fmt: skip
RETURN = Form(
    code="supervision.return", title="说明不充分，退回", submit="退回",
    fields=(Field("opinion", "还需说明什么", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
HANDLE = Form(
    code="supervision.handle", title="登记处理，重新运行", submit="登记并重新运行",
    fields=(
        Field("cause", "原因", "choice", choices=words.JOB_CAUSES, required=True, width=6),
        Field("text", "查到什么，做了什么", "longtext", required=True, rows=3, max_length=1000,
              help="失败的详情在服务器的日志 worker.log；报修的写明单号"),
    ),
)  # fmt: skip
LET_BE = Form(
    code="supervision.let_be", title="不再需要这次运行，结案", submit="结案",
    fields=(Field("text", "为什么不用再运行", "longtext", required=True, rows=2, max_length=1000,
                  help="例如：这次运行的数据已由后来的运行补上"),),
)  # fmt: skip
