"""Forms of the sandbox: the name under which a comparison is kept, on what its proposal rests."""

from __future__ import annotations

from yigongti.kernel.form import Field, Form
from yigongti.policy import facade as policy

SAVE = Form(
    code="fund.sandbox.save",
    title="保存比较",
    intro="保存后改动、数据版本和结果都不再变化，可以打印、比较，附到参数修订。",
    fields=(
        Field("name", "名称", "text", required=True, max_length=60, placeholder="如 县级住院比例 75% → 78%"),
        Field("note", "说明", "longtext", rows=2, max_length=500),
    ),
    submit="保存",
)

PROPOSE = Form(
    code="fund.sandbox.propose",
    title="按这份比较提出参数修订",
    intro="每个改动的参数各成一件修订，都附上这份比较；经第二人批准后自生效日期起执行。",
    fields=policy.amendment_basis(),
    submit="提交审批",
)
