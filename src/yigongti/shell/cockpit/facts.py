"""Open cases as facts, whatever their flow: who holds them and whether they are late. Nobody is named."""

from __future__ import annotations

from yigongti.kernel.facts.facade import Column, Fact
from yigongti.kernel.indicator.facade import Indicator

OPEN_CASES = Fact(
    name="open_cases",
    title="在办事项",
    row="一件在办的事项",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("from_unit", "id", "发起机构"),
        Column("to_unit", "id", "接收机构"),
        Column("unit", "id", "现在办理的机构"),
        Column("holder", "text", "现在办理的机构（文本）"),
        Column("flow", "text", "流程"),
        Column("stage", "integer", "0 按时、1 已提醒、2 已升级、3 已报总部"),
        Column("late", "flag", "超过时限"),
        Column("due", "moment", "时限"),
    ),
    sql="""
select c.id, c.from_unit_id, c.to_unit_id, c.holder_unit_id, c.holder_unit_id::text, c.flow, c.stage, c.due < now(), c.due
  from case_case c where c.closed_at is null and c.holder_unit_id is not null order by c.id""",
)

CLAUSE = "湘卫发〔2024〕4号 三(二)4：明确双向转诊流程、标准和责任；平台管理要求：每个等待都有时限和责任机构"
LATE = Indicator(
    code="cases-late", title="超时未办", fact="open_cases", kind="breakdown", month="", clause=CLAUSE, unit="件", better="down",
    numerator=lambda t: t.late, numerator_text="现在办理、已超过时限的事项", by="holder", by_title="办理机构", by_units=True,
)  # fmt: skip
OPEN = Indicator(
    code="cases-open", title="在办事项", fact="open_cases", kind="count", month="", clause=CLAUSE, unit="件",
    numerator=lambda t: t.flow != "", numerator_text="现在办理的全部事项",
)  # fmt: skip

FACTS = (OPEN_CASES,)
INDICATORS = (LATE, OPEN)
