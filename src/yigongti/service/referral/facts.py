"""Referral as facts: one row a referral, one row a step. Ids and codes only; nobody is named."""

from __future__ import annotations

from yigongti.kernel.facts.facade import Column, Fact

REFERRALS = Fact(
    name="referrals",
    title="转诊",
    row="一例转诊（上转全程，或医院直接下转）",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("subject", "id", "居民（不含身份）"),
        Column("direction", "text", "up 上转、down 直接下转"),
        Column("from_unit", "id", "转出机构"),
        Column("to_unit", "id", "接收机构"),
        Column("consortium", "id", "医共体"),
        Column("urgency", "text", "routine 择期、soon 尽快、emergency 急症"),
        Column("dx", "text", "转诊诊断 ICD-10"),
        Column("proposed", "flag", "由规则提示"),
        Column("sent_at", "moment", "发出"),
        Column("accepted_at", "moment", "接收"),
        Column("arrived_at", "moment", "到院"),
        Column("returned_at", "moment", "下转"),
        Column("followed_at", "moment", "末次随访"),
        Column("closed_at", "moment", "结束"),
        Column("outcome", "text", "closed 闭环、ended 终止、空为在办"),
    ),
    sql="""
select r.case_id, r.subject_id, r.direction, c.from_unit_id, c.to_unit_id, c.hq_unit_id, r.urgency, r.dx_code, r.proposed,
       r.sent_at, r.accepted_at, r.arrived_at, r.returned_at, r.followed_at, c.closed_at, c.outcome
  from referral_referral r join case_case c on c.id = r.case_id order by r.case_id""",
)

STEPS = Fact(
    name="referral_steps",
    title="转诊步骤",
    row="转诊中的一次办理",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("from_unit", "id", "转出机构"),
        Column("to_unit", "id", "接收机构"),
        Column("unit", "id", "办理机构"),
        Column("transition", "text", "办理"),
        Column("from_state", "text", "离开的状态"),
        Column("to_state", "text", "进入的状态"),
        Column("reason", "text", "编码的理由"),
        Column("waited", "integer", "在离开的状态停留", "秒"),
        Column("late", "flag", "超过时限"),
        Column("at", "moment", "办理时间"),
    ),
    sql="""
select c.id, c.from_unit_id, c.to_unit_id, e.unit_id, e.transition, e.from_state, e.to_state, e.reason, e.waited_seconds,
       e.late, e.at
  from case_entry e join case_case c on c.id = e.case_id
 where c.flow in ('referral', 'referral_down') and e.kind in ('opened', 'act', 'reopened') order by e.id""",
)

FACTS = (REFERRALS, STEPS)
