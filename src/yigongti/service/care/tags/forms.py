"""The form by which a social fact is established."""

from __future__ import annotations

from yigongti.kernel.form import Field, Form
from yigongti.service.care.tags.models import SOCIAL

SOCIAL_FACT = Form(
    "care.social",
    "登记人群类别",
    (
        Field("category", "人群类别", "choice", required=True, choices=SOCIAL, width=6),
        Field("starts", "起始日期", "date", required=True, max=lambda env: env.today, default=lambda env: env.today, width=6),
        Field("evidence", "依据", required=True, max_length=200, width=8, placeholder="例如：入户核实，子女均在外务工"),
        Field("document", "证件或文件编号", max_length=40, width=4),
    ),
    submit="登记",
    intro="记录里看不出来、须有人核实的情况。年龄、慢病、孕产由系统按规则标记，不在这里登记。",
)  # fmt: skip
FORMS = (SOCIAL_FACT,)
