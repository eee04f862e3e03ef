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

LEAVING = Fact(
    name="leaving",
    title="外转",
    row="一次离开县域的申请或转诊",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("from_unit", "id", "转出机构"),
        Column("to_unit", "id", "审核或接收机构"),
        Column("consortium", "id", "医共体"),
        Column("way", "text", "out 县外转诊申请、up 上转至县外医院、finish 在县级医院诊治后转往县外"),
        Column("dx", "text", "诊断 ICD-10 类目"),
        Column("listed", "flag", "在县域内医院诊治清单内"),
        Column("why", "text", "编码的外转原因"),
        Column("gone", "flag", "已离开县域（申请被退回或撤回的为否）"),
        Column("at", "moment", "申请或转出时间"),
    ),
    sql="""
select d.case_id, c.from_unit_id, c.to_unit_id, c.hq_unit_id, 'out', left(d.dx_code, 3), d.listed, d.why,
       c.state in ('away', 'city', 'there', 'followup', 'closed'), d.sent_at
  from referral_departure d join case_case c on c.id = d.case_id
union all
select r.case_id, c.from_unit_id, c.to_unit_id, c.hq_unit_id,
       case when r.ended_code = 'transferred' then 'finish' else 'up' end, left(r.dx_code, 3),
       null::boolean, r.out_why, c.outcome <> 'ended', coalesce(r.treated_at, r.sent_at)
  from referral_referral r join case_case c on c.id = r.case_id where r.out_why <> ''
 order by 1""",
)

ROUNDS = Fact(
    name="rounds",
    title="下级查房",
    row="一次查房安排",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("from_unit", "id", "派出医院"),
        Column("to_unit", "id", "查房机构"),
        Column("consortium", "id", "医共体"),
        Column("planned", "day", "计划日期"),
        Column("held", "flag", "已查房"),
        Column("seen", "integer", "查看患者", "人"),
        Column("amended", "integer", "修订方案", "份"),
        Column("at", "moment", "安排时间"),
    ),
    sql="""
select w.case_id, c.from_unit_id, c.to_unit_id, c.hq_unit_id, w."on", w.held_at is not null, coalesce(w.seen, 0),
       (select count(*) from referral_roundnote n where n.round_id = w.case_id and n.plan <> ''), c.opened_at
  from referral_round w join case_case c on c.id = w.case_id order by w.case_id""",
)

FACTS = (REFERRALS, STEPS, LEAVING, ROUNDS)
