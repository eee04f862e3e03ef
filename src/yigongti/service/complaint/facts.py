"""Reports and complaints as facts. Ids and codes only; nobody is named."""

from __future__ import annotations

from yigongti.kernel.facts.facade import Column, Fact

COMPLAINTS = Fact(
    name="complaints",
    title="推诿举报与投诉",
    row="一件推诿举报或投诉",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("kind", "text", "refusal 推诿举报、complaint 投诉"),
        Column("from_unit", "id", "登记单位"),
        Column("to_unit", "id", "被反映机构"),
        Column("consortium", "id", "医共体"),
        Column("category", "text", "情形"),
        Column("about_referral", "flag", "与转诊有关"),
        Column("verdict", "text", "founded 成立、partly 部分成立、unfounded 不成立、空为未评判"),
        Column("satisfied", "flag", "投诉人满意；空为未评价"),
        Column("late", "flag", "有一步超过时限"),
        Column("reported_at", "moment", "登记"),
        Column("answered_at", "moment", "答复"),
        Column("closed_at", "moment", "结案"),
    ),
    sql="""
select k.case_id, k.kind, c.from_unit_id, c.to_unit_id, c.hq_unit_id, k.category, c.parent_id is not null, k.verdict,
       k.satisfied, exists (select 1 from case_entry e where e.case_id = c.id and e.late), k.reported_at, k.answered_at,
       c.closed_at
  from complaint_complaint k join case_case c on c.id = k.case_id order by k.case_id""",
)
FACTS = (COMPLAINTS,)
