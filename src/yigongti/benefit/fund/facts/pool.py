"""The year's money as facts, and its figures (I2): the pool's pace month by month, prepayments from the bureau to the member.

Booked months and prepayments are separate records and stay so: nothing here adds one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from yigongti.benefit.fund.models import MonthFigure
from yigongti.kernel import money
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.facts.facade import Column, Fact, Lines
from yigongti.kernel.indicator.facade import Indicator

CLAUSE = "湖南五(三)：总额付费、结余留用、合理超支分担"
PASSING = "徐州三、驻马店“两个打包”：医保基金预付到成员单位；拨付时限文件未定，为平台参数"

MONTHS = Fact(
    name="fund_months",
    title="月度预结（账面）",
    row="一个医共体已登记的一个月",
    opens="/fund/pool/",
    lines="fund_months",
    columns=(
        Column("row_id", "id", "这个月最后一次登记的第一行"),
        Column("consortium", "id", "医共体"),
        Column("year", "integer", "年度"),
        Column("month_number", "integer", "月份"),
        Column("claims", "integer", "结算人次"),
        Column("inside_fen", "fen", "县域内账面支付", "分"),
        Column("outside_fen", "fen", "县域外账面支付", "分"),
        Column("paid_fen", "fen", "账面支付合计", "分"),
        Column("even_fen", "fen", "可用总额按月均分到这个月的部分；没有已批准总额为 0", "分"),
        Column("month_at", "moment", "这个月的第一天"),
    ),
    sql="""
with last as (
  select consortium_id, year, month, max(take) as take from fund_monthfigure group by 1, 2, 3),
budget as (
  select distinct on (consortium_id, year) consortium_id, year, pool_fen from fund_budget where approved_at is not null
   order by consortium_id, year, version desc)
select min(f.id), f.consortium_id, f.year, f.month, sum(f.claims)::bigint,
       coalesce(sum(f.paid_fen) filter (where f.in_county), 0)::bigint,
       coalesce(sum(f.paid_fen) filter (where not f.in_county), 0)::bigint, sum(f.paid_fen)::bigint,
       coalesce(min(b.pool_fen) * f.month / 12 - min(b.pool_fen) * (f.month - 1) / 12, 0)::bigint,
       make_timestamptz(f.year, f.month, 1, 0, 0, 0, 'Asia/Shanghai')
  from fund_monthfigure f join last using (consortium_id, year, month, take)
  left join budget b using (consortium_id, year)
 group by f.consortium_id, f.year, f.month order by f.consortium_id, f.year, f.month""",
)
PREPAYMENTS = Fact(
    name="fund_prepayments",
    title="预付款",
    row="一个成员单位一个月的预付款",
    opens="/case/{row_id}/",
    columns=(
        Column("row_id", "id", "事项"),
        Column("consortium", "id", "医共体"),
        Column("to_unit", "id", "成员单位"),
        Column("amount_fen", "fen", "金额", "分"),
        Column("passed_fen", "fen", "已拨付的金额", "分"),
        Column("passed", "flag", "已拨付"),
        Column("pass_late", "flag", "拨付超过时限"),
        Column("confirmed", "flag", "成员单位已确认到账"),
        Column("wait_seconds", "integer", "从医保局到账到拨付", "秒"),
        Column("received_at", "moment", "医保局到账"),
    ),
    sql="""
select p.case_id, p.consortium_id, p.institution_id, p.amount_fen, case when p.passed_on is null then 0 else p.amount_fen end,
       p.passed_on is not null,
       coalesce(p.passed_on, (now() at time zone 'Asia/Shanghai')::date) > p.pass_by,
       p.confirmed_on is not null, (p.passed_on - p.received_on) * 86400,
       p.received_on::timestamp at time zone 'Asia/Shanghai'
  from fund_prepayment p where not p.cancelled order by p.case_id""",
)
FACTS = (MONTHS, PREPAYMENTS)


def lines(ids: Sequence[int], acting: Acting) -> Lines:
    """Port ``fund_months``: booked months as a figure's page lists them, through the fence."""
    rows = MonthFigure.objects.select_related("consortium").filter(pk__in=list(ids)).order_by("-year", "-month", "pk")
    sums: dict[int, int] = {}
    for row in rows:
        taken = MonthFigure.objects.filter(
            consortium_id=row.consortium_id, year=row.year, month=row.month, take=row.take
        )
        sums[row.pk] = sum(taken.values_list("paid_fen", flat=True))
    return Lines(
        ("医共体", "月份", "账面支付（元）"),
        tuple(
            (row.pk, f"{reverse('pool:overview')}?consortium={row.consortium_id}&year={row.year}",
             (row.consortium.name, f"{row.year} 年 {row.month} 月", money.yuan(sums[row.pk])))
            for row in rows
        ),
    )  # fmt: skip


def _all(t: Any) -> Any:
    return t.row_id.notnull()


_BOOKED = "已登记的月度预结（账面），每月取最后一次登记；"
INDICATORS = (
    Indicator(
        code="fund-pace", title="总额使用与时间进度之比", fact="fund_months", kind="rate", month="month_at", clause=CLAUSE,
        numerator=lambda t: t.even_fen > 0, numerator_text="账面支付合计", measure="paid_fen", denominator=lambda t: t.even_fen > 0,
        denominator_text="已登记各月均分的可用总额", base="even_fen", base_unit="分", times=100, decimals=1, unit="%", better="down",
        note=_BOOKED + "100% 表示与时间进度相同，高于 100% 表示用得快。", parameters=("fund.pool.ahead",),
    ),
    Indicator(
        code="fund-booked", title="账面支付", fact="fund_months", kind="sum", month="month_at", clause=CLAUSE, numerator=_all,
        numerator_text="账面支付合计", measure="paid_fen", unit="分", note=_BOOKED + "不是预付，也不是清算。",
    ),
    Indicator(
        code="fund-booked-outside", title="账面支付中县外占比", fact="fund_months", kind="rate", month="month_at", clause=CLAUSE,
        numerator=_all, numerator_text="县域外账面支付", measure="outside_fen", denominator=_all, denominator_text="账面支付合计",
        base="paid_fen", base_unit="分", times=100, decimals=1, unit="%", better="down",
        note=_BOOKED + "按付费方式算出的应付，与按清单统筹支付算的“县外基金支付占比”口径不同。",
    ),
    Indicator(
        code="prepay-late", title="预付款拨付逾期率", fact="fund_prepayments", kind="ratio", month="received_at", clause=PASSING,
        numerator=lambda t: t.pass_late, numerator_text="其中超过时限才拨付的，和已超过时限还没有拨付的", denominator=_all,
        denominator_text="期内医保局到账的预付款", unit="笔", better="down", parameters=("fund.pass_on",),
    ),
    Indicator(
        code="prepay-wait", title="预付款从到账到拨付（中位）", fact="fund_prepayments", kind="duration", month="received_at",
        clause=PASSING, numerator=lambda t: t.passed, numerator_text="期内到账、已拨付的预付款", measure="wait_seconds", by="to_unit",
        by_title="成员单位", by_units=True, unit="笔", better="down", parameters=("fund.pass_on",),
    ),
    Indicator(
        code="prepay-passed", title="预付款已拨付比例", fact="fund_prepayments", kind="rate", month="received_at", clause=PASSING,
        numerator=_all, numerator_text="其中已拨付给成员单位的金额", measure="passed_fen", denominator=_all,
        denominator_text="期内医保局到账的金额", base="amount_fen", base_unit="分", times=100, decimals=1, unit="%", better="up",
    ),
)  # fmt: skip
