"""Forms of ward rounds at the lower institution."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.kernel.form import Choice, Env, Field, Form, Group
from yigongti.service.referral.forms.two_way import DRUGS, _far_day, _today


def _bases(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.round_places(env)


def _referrals(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.round_referrals(env)


def _rounds(env: Env) -> Sequence[Choice]:
    from yigongti.service.referral import queries

    return queries.open_rounds(env)


PLAN = Form(
    code="round.plan",
    title="安排查房",
    submit="安排",
    fields=(
        Field("unit", "查房机构", "choice", required=True, choices=_bases, width=6),
        Field("on", "查房日期", "date", required=True, min=lambda env: env.today, max=_far_day, width=6),
        Field("specialist", "查房专家", "seat", source="referral_specialist", required=True, width=6),
        Field("theme", "重点", max_length=200, width=6, placeholder="如 出院后康复期患者"),
    ),
)
HOLD = Form(
    code="round.hold",
    title="登记已查房",
    submit="登记已查房",
    fields=(
        Field("seen", "查看患者", "integer", required=True, min=0, max=500, unit="人", width=3),
        Field("note", "查房小结", "longtext", required=True, rows=3, max_length=1000,
              help="共性问题、带教内容、给机构的建议"),
    ),
)  # fmt: skip
MOVE = Form(
    code="round.move",
    title="改期",
    submit="改期",
    fields=(
        Field("on", "新的查房日期", "date", required=True, min=lambda env: env.today, max=_far_day, width=6),
        Field("why", "原因", required=True, max_length=200),
    ),
)
CANCEL = Form(
    code="round.cancel", title="取消查房", submit="取消", fields=(Field("why", "原因", required=True, max_length=200),)
)

NOTE = Form(
    code="round.note",
    title="登记查房意见",
    submit="登记并发给基层",
    groups=(
        Group("查房", ("referral", "round", "findings", "advice")),
        Group("修订方案", ("plan", "drugs", "next_on")),
    ),
    fields=(
        Field("referral", "下转", "choice", required=True, choices=_referrals, width=6),
        Field("round", "所属查房", "choice", choices=_rounds, width=6, help="不属于某次安排的留空"),
        Field("findings", "查房所见", "longtext", required=True, rows=3, max_length=2000),
        Field("advice", "指导意见", "longtext", rows=2, max_length=1000),
        Field("plan", "修订后的治疗与随访方案", "longtext", rows=4, max_length=2000, help="不填则原方案不变"),
        DRUGS,
        Field("next_on", "下次查房或复诊日期", "date", min=_today, max=_far_day, width=6),
    ),
)
AGREE = Form(
    code="round.agree",
    title="确认并执行",
    submit="确认",
    fields=(
        Field("drugs_ok", "方案中的药品本机构能否保障", "choice", required=True, width=12,
              choices=(("yes", "能"), ("part", "部分能"), ("no", "不能"))),
        Field("note", "执行安排", "longtext", rows=2, max_length=500),
    ),
)  # fmt: skip
ASK = Form(
    code="round.ask", title="提问", submit="提问",
    fields=(Field("question", "哪里不清楚或难以执行", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
REPLY = Form(
    code="round.reply", title="答复", submit="答复",
    fields=(
        Field("answer", "答复", "longtext", required=True, rows=2, max_length=500),
        Field("plan", "修订后的方案", "longtext", rows=4, max_length=2000, help="不填则不变"),
    ),
)  # fmt: skip
