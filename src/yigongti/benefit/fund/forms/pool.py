"""Forms of negotiation, budget, prepayment and payment lists."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from yigongti.kernel.form import Choice, Env, Field, Form, Group

CLAUSE = "湘卫发〔2024〕4号 五(三)"
HUNDRED = Decimal(100)


def _consortia(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.fund.queries import pool

    return pool.consortia(env)


def _members(env: Env) -> Sequence[Choice]:
    from yigongti.benefit.fund.queries import pool

    return pool.member_choices(env)


def _percent(name: str, title: str, *, help: str = "") -> Field:
    return Field(name, title, "decimal", required=True, min=Decimal(0), max=HUNDRED, unit="%", width=4, help=help)


def _note(title: str, *, required: bool = True) -> Field:
    return Field("note", title, "longtext", required=required, rows=2, max_length=500)


def _next_year(env: Env) -> int:
    return env.today.year + 1


_YEAR = Field("year", "年度", "integer", required=True, min=2015, max=_next_year, unit="年", width=4)
_CONSORTIUM = Field("consortium", "医共体", "choice", choices=_consortia, required=True, width=8)
_TERMS = (
    Field("per_capita_resident", "居民医保人均标准", "fen", required=True, min=0, max=10**9, width=4, clause=CLAUSE),
    Field("per_capita_employee", "职工医保人均标准", "fen", required=True, min=0, max=10**9, width=4, clause=CLAUSE),
    Field("headcount_day", "参保人数统计日", "date", required=True, width=4),
    _percent("risk_reserve", "风险金比例"),
    _percent("prepay", "预付比例"),
    _percent("surplus_keep", "结余留用比例", help="再乘以考核得分"),
    _percent("overspend_reasonable", "合理超支界限", help="占总额的比例"),
    _percent("overspend_fund", "合理超支基金分担"),
    Field("out_of_county", "县外就医计入总额", "yesno", required=True, width=4),
    Field("reason", "理由", "longtext", required=True, rows=3, max_length=1000, help="数据依据、对方意见怎样考虑"),
)
OFFER = Form(
    code="fund.offer", title="提出年度总额方案", submit="发给医共体", fields=(_CONSORTIUM, _YEAR, *_TERMS),
    groups=(
        Group("协商对象", ("consortium", "year")), Group("方案", tuple(field.name for field in _TERMS)),
    ),
)  # fmt: skip
COUNTER = Form(code="fund.counter", title="提出本方方案", submit="发给对方", fields=_TERMS)
ACCEPT = Form(
    code="fund.accept", title="同意对方方案", submit="同意",
    intro="同意后由医保管理中心负责人签署，签署后方案成为本年度协议，不能再改。", fields=(_note("说明", required=False),),
)  # fmt: skip
SIGN = Form(code="fund.sign", title="签署协议", submit="签署", fields=(_note("意见", required=False),))
REOPEN = Form(code="fund.reopen", title="退回重新协商", submit="退回", fields=(_note("哪里需要再谈"),))
BREAK = Form(code="fund.break", title="终止协商", submit="终止", fields=(_note("原因"),))

BUDGET = Form(
    code="fund.budget", title="编制年度总额", submit="提交审批",
    fields=(
        _CONSORTIUM, _YEAR,
        Field("headcount_day", "参保人数统计日", "date", width=4, help="留空用协议的统计日，没有协议的用上年最后一天"),
        Field("origin", "参保人数来源", "choice", required=True, default="registry", width=8,
              choices=(("registry", "居民主索引计数"), ("entered", "医保局提供的数字"))),
        Field("residents", "居民医保人数", "integer", required=True, min=0, max=10**7, unit="人", width=6, when=("origin", "entered")),
        Field("employees", "职工医保人数", "integer", required=True, min=0, max=10**7, unit="人", width=6, when=("origin", "entered")),
    ),
)  # fmt: skip
APPROVE = Form(code="fund.approve", title="审批通过", submit="通过", fields=(_note("意见", required=False),))
REJECT = Form(code="fund.reject", title="不通过", submit="不通过", fields=(_note("理由"),))
WITHDRAW = Form(code="fund.withdraw", title="撤回", submit="撤回", fields=(_note("原因"),))

PASS_ON = Form(
    code="fund.pass_on", title="拨付给成员单位", submit="拨付",
    fields=(
        Field("on", "拨付日期", "date", required=True, max=lambda env: env.today, width=4),
        Field("voucher", "付款凭证号", max_length=60, width=8), _note("说明", required=False),
    ),
)  # fmt: skip
CONFIRM = Form(
    code="fund.confirm", title="确认到账", submit="确认到账",
    fields=(Field("on", "到账日期", "date", required=True, max=lambda env: env.today, width=4), _note("说明", required=False)),
)  # fmt: skip
QUESTION = Form(code="fund.question", title="没有到账或金额不符", submit="提出", fields=(_note("情况"),))
ANSWER = Form(code="fund.answer", title="答复", submit="答复", fields=(_note("核查结果"),))
CANCEL = Form(code="fund.cancel", title="作废", submit="作废", fields=(_note("原因"),))

RECEIVE = Form(
    code="fund.receive", title="登记收到医保局预付款", submit="登记",
    fields=(
        Field("month", "月份", "integer", required=True, min=1, max=12, unit="月", width=4),
        Field("on", "到账日期", "date", required=True, max=lambda env: env.today, width=4),
        Field("amount", "到账金额", "fen", required=True, min=1, max=10**13, width=4,
              help="须与本月预付计划一致；不一致的先与医保局核对"),
    ),
)  # fmt: skip

_PACKAGES = (("basic", "基本包"), ("chronic", "慢病包"))
PAYLIST = Form(
    code="fund.paylist", title="编制支付清单", submit="提交审批",
    fields=(
        _CONSORTIUM, _YEAR,
        Field("kind", "清单", "choice", required=True, width=6, choices=(
            ("capitation", "签约居民按人头"), ("referral", "转诊利益分享"), ("bed_day", "按床日"),
            ("day_surgery", "日间手术"), ("step_down", "接续医疗、护理"),
        )),
        Field("period", "期间", required=True, max_length=40, width=6, placeholder="如 2026 年第一季度"),
        Field("contracted", "签约人数", "table", required=True, max=200, rows=2, when=("kind", "capitation"),
              help="签约模块启用前，按签约台账填写", columns=(
            Field("institution", "团队所在机构", "choice", choices=_members, required=True),
            Field("package", "服务包", "choice", choices=_PACKAGES, required=True),
            Field("persons", "签约人年", "integer", required=True, min=1, max=10**6, unit="人"),
        )),
        Field("units", "服务数量", "table", required=True, max=200, rows=2, when=("kind", ("bed_day", "day_surgery", "step_down")),
              columns=(
            Field("institution", "机构", "choice", choices=_members, required=True),
            Field("count", "数量", "integer", required=True, min=1, max=10**6),
            Field("basis", "依据", required=True, max_length=120),
        )),
        Field("note", "说明", "longtext", rows=2, max_length=500),
    ),
)  # fmt: skip
