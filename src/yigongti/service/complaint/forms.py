"""Forms of reports and complaints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yigongti.kernel.form import Choice, Env, Field, Form, Group
from yigongti.service.complaint import words


def _places(env: Env) -> Sequence[Choice]:
    from yigongti.service.complaint import queries

    return queries.places(env)


def _referrals(env: Env) -> Sequence[Choice]:
    from yigongti.service.complaint import queries

    return queries.referrals(env)


def _year_ago(env: Env) -> Any:
    return env.today.replace(year=env.today.year - 1, day=min(env.today.day, 28))


_ABOUT = Field("about", "哪个机构", "choice", choices=_places, required=True, width=6)
_ON = Field("happened_on", "发生日期", "date", required=True, min=_year_ago, max=lambda env: env.today, width=6)
_TEXT = Field("text", "经过", "longtext", required=True, rows=4, max_length=2000,
              help="什么时间、在哪个科室、谁、说了或做了什么")  # fmt: skip
_WISH = Field("wish", "希望怎样解决", "longtext", rows=2, max_length=500)
_CASE = Field("referral", "与哪次转诊有关", "choice", choices=_referrals, width=12, help="没有的留空")
_STAFF = (
    Field("reporter", "由谁反映", "choice", choices=words.REPORTERS, required=True, default="resident", width=12),
    Field("reporter_name", "反映人姓名", max_length=80, width=6),
    Field("phone", "联系电话", max_length=20, width=6),
)
_WHO = Group("由谁反映", ("reporter", "reporter_name", "phone"))

REFUSAL = Form(
    code="complaint.refusal", title="登记推诿举报", submit="提交",
    groups=(Group("反映什么", ("about", "happened_on", "category", "referral", "text", "wish")), _WHO),
    fields=(
        _ABOUT, _ON, Field("category", "情形", "choice", choices=words.REFUSALS, required=True, width=12), _CASE, _TEXT,
        _WISH, *_STAFF,
    ),
)  # fmt: skip
COMPLAINT = Form(
    code="complaint.complaint", title="登记投诉", submit="提交",
    groups=(Group("反映什么", ("about", "happened_on", "category", "referral", "text", "wish")), _WHO),
    fields=(
        _ABOUT, _ON, Field("category", "类别", "choice", choices=words.COMPLAINTS, required=True, width=12), _CASE, _TEXT,
        _WISH, *_STAFF,
    ),
)  # fmt: skip
OWN_REFUSAL = Form(
    code="complaint.own_refusal", title="反映被推诿", submit="提交",
    fields=(
        _ABOUT, _ON, Field("category", "情形", "choice", choices=words.REFUSALS, required=True, width=12), _CASE, _TEXT,
        _WISH, Field("phone", "联系电话", max_length=20, width=6),
    ),
)  # fmt: skip
OWN_COMPLAINT = Form(
    code="complaint.own_complaint", title="投诉", submit="提交",
    fields=(
        _ABOUT, _ON, Field("category", "类别", "choice", choices=words.COMPLAINTS, required=True, width=12), _CASE, _TEXT,
        _WISH, Field("phone", "联系电话", max_length=20, width=6),
    ),
)  # fmt: skip

ANSWER = Form(
    code="complaint.answer", title="答复", submit="提交答复",
    fields=(
        Field("answer", "调查情况与答复", "longtext", required=True, rows=4, max_length=2000),
        Field("measures", "已采取的措施", "longtext", rows=2, max_length=1000),
    ),
)  # fmt: skip
FOUNDED = Form(
    code="complaint.founded", title="评判为成立", submit="评判",
    fields=(
        Field("verdict", "结论", "choice", required=True, choices=words.VERDICTS[:2], default="founded", width=12),
        Field("text", "理由与整改要求", "longtext", required=True, rows=3, max_length=1000),
    ),
)  # fmt: skip
UNFOUNDED = Form(
    code="complaint.unfounded", title="评判为不成立", submit="评判",
    fields=(Field("text", "理由", "longtext", required=True, rows=3, max_length=1000),),
)  # fmt: skip
RECTIFY = Form(
    code="complaint.rectify", title="登记整改结果", submit="提交整改",
    fields=(Field("measures", "整改措施与结果", "longtext", required=True, rows=3, max_length=1000),),
)  # fmt: skip
CHECK = Form(
    code="complaint.check", title="核查通过，结案", submit="结案",
    fields=(Field("text", "核查意见", "longtext", rows=2, max_length=500),),
)  # fmt: skip
AGAIN = Form(
    code="complaint.again", title="整改不到位，退回", submit="退回整改",
    fields=(Field("text", "还需要做什么", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
TAKE = Form(
    code="complaint.take", title="受理", submit="受理",
    fields=(Field("plan", "处理安排", max_length=200, help="由谁调查、何时答复"),),
)  # fmt: skip
SATISFIED = Form(
    code="complaint.satisfied", title="满意，结案", submit="满意",
    fields=(Field("text", "还想说的", "longtext", rows=2, max_length=500),),
)  # fmt: skip
UNSATISFIED = Form(
    code="complaint.unsatisfied", title="不满意，请总部复核", submit="不满意",
    fields=(Field("text", "哪里不满意", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
REVIEW = Form(
    code="complaint.review", title="复核结论，结案", submit="结案",
    fields=(
        Field("verdict", "投诉是否成立", "choice", required=True, choices=words.VERDICTS, width=12),
        Field("text", "复核意见", "longtext", required=True, rows=3, max_length=1000),
    ),
)  # fmt: skip
BACK = Form(
    code="complaint.back", title="退回机构重新处理", submit="退回",
    fields=(Field("text", "要求", "longtext", required=True, rows=2, max_length=500),),
)  # fmt: skip
WITHDRAW = Form(
    code="complaint.withdraw", title="撤回", submit="撤回",
    fields=(Field("text", "原因", required=True, max_length=200),),
)  # fmt: skip

FORMS = (OWN_REFUSAL, OWN_COMPLAINT)
"""Those of residents, which stand outside flows and have drafts."""
