"""Tables of the year's money, for spreadsheets and paper."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from yigongti.benefit.fund.charts import COMPARED, LEVEL_WORDS
from yigongti.benefit.fund.models import ClearedMember, Clearing
from yigongti.benefit.fund.queries.standing import Standing
from yigongti.benefit.fund.queries.steps import Step
from yigongti.kernel.sheet import Fen, Sheet


def of_steps(title: str, steps: Sequence[Step]) -> Sheet:
    """Steps of a budget or of a year end."""
    heads = (("项目", False), ("怎样算", False), ("金额（元）", True), ("依据", False))
    return Sheet(title, heads, tuple((one.title, one.how, Fen(one.fen), one.clause) for one in steps))


def of_year(found: Standing, steps: Sequence[Step]) -> list[Sheet]:
    """The tables of the year's page."""
    return [
        of_steps("总额", steps),
        Sheet(
            "月度预结（账面）", (("月份", True), ("结算人次", True), ("县内（元）", True), ("县外（元）", True), ("合计（元）", True)),
            tuple((one.month, one.claims, Fen(one.inside_fen), Fen(one.outside_fen), Fen(one.paid_fen)) for one in found.months),
        ),
        Sheet(
            "预付", (("月份", True), ("收到（元）", True), ("已拨付（元）", True), ("已到账（元）", True), ("未完成", True),
             ("逾期", True)),
            tuple((one.month, Fen(one.received_fen), Fen(one.passed_fen), Fen(one.confirmed_fen), one.waiting, one.late)
                  for one in found.passing),
        ),
        Sheet(
            "成员单位", (("成员单位", False), ("层级", False), ("结算人次", True), ("账面支付（元）", True), ("同期预付（元）", True),
             ("提示", False)),
            tuple((one.name, LEVEL_WORDS.get(one.level, one.level), one.claims, Fen(one.paid_fen), Fen(one.prepaid_fen),
                   "超出预付进度" if one.ahead else "") for one in found.pace),
        ),
        Sheet(
            "清算各版", (("版本", True), ("状态", False), ("结余（超支为负，元）", True), ("留用（元）", True), ("医共体分担（元）", True),
             ("计算", False)),
            tuple((one.version, "已批准" if one.approved_at else "未批准", Fen(one.balance_fen), Fen(one.kept_fen),
                   Fen(one.consortium_share_fen), one.prepared_by.name) for one in found.versions),
        ),
    ]  # fmt: skip


def of_members(rows: Sequence[ClearedMember], *, over: bool | None = None) -> Sheet:
    """Members of a version of the year end. *over*: of an overspent year without the uses of a surplus, of the other without the
    part of an overspend; where nothing is said, every amount.
    """
    left_out = {None: (), True: USES, False: ("overspend_fen",)}[over]
    names = [name for name in AMOUNTS if name not in left_out]
    heads: list[tuple[str, bool]] = [
        ("成员单位", False),
        ("层级", False),
        ("得分", True),
        ("服务量", True),
        *((HEADS[name], True) for name in names),
    ]
    told: list[Sequence[Any]] = [
        (one.institution.name, LEVEL_WORDS.get(one.level, one.level), score(one.assessment_bp), one.services,
         *(Fen(getattr(one, name)) for name in names)) for one in rows
    ]  # fmt: skip
    sums = totals(rows)
    told.append(("合计", "", None, sums["services"], *(Fen(sums[name]) for name in names)))
    return Sheet("成员单位", heads, told, widths=(1.6, *(1,) * (3 + len(names))))


HEADS = {
    "paid_fen": "基金支付（元）", "quality_deduction_fen": "质量扣款（元）", "wages_fen": "绩效工资（元）", "aid_fen": "医疗救助（元）",
    "capacity_fen": "能力建设（元）", "overspend_fen": "分担超支（元）", "prepaid_fen": "已预付（元）", "due_fen": "应补（应退为负，元）",
}  # fmt: skip
USES = ("wages_fen", "aid_fen", "capacity_fen")
AMOUNTS = tuple(HEADS)
"""What a member of a year end gets, bears and has had, in the order of its table."""


def totals(rows: Sequence[ClearedMember]) -> dict[str, int]:
    """Sums over the members: services, and fen by name (`AMOUNTS` and the income)."""
    return {name: sum(getattr(one, name) for one in rows) for name in ("services", "income_fen", *AMOUNTS)}


def milli(points: int | None) -> Decimal | None:
    """Thousandths of a point as points."""
    return None if points is None else Decimal(points).scaleb(-3)


def percent(bp: int | None) -> Decimal | None:
    """Basis points as a number of percent."""
    return None if bp is None else Decimal(bp).scaleb(-2)


def score(assessment_bp: int) -> Decimal:
    """A frozen score as points of a hundred: 82.35."""
    return Decimal(assessment_bp) / 100


def of_versions(
    a: Clearing, b: Clearing, members: Sequence[tuple[ClearedMember, ClearedMember | None, int]]
) -> list[Sheet]:
    """Two versions of a year end beside each other: what was reckoned, and what each member is due (`members`: the later row,
    the earlier one, the difference in fen)."""
    first, second = f"第 {a.version} 版（元）", f"第 {b.version} 版（元）"
    reckoned = [
        (title, Fen(getattr(a, name)), Fen(getattr(b, name)), Fen(getattr(b, name) - getattr(a, name))) for title, name in COMPARED
    ]  # fmt: skip
    due = [
        (one.institution.name, Fen(before.due_fen if before else 0), Fen(one.due_fen), Fen(moved)) for one, before, moved in members
    ]  # fmt: skip
    amounts = ((first, True), (second, True), ("差（元）", True))
    return [
        Sheet("两版比较", (("项目", False), *amounts), reckoned, widths=(1.6, 1, 1, 1)),
        Sheet("成员单位应补（应退为负）", (("成员单位", False), *amounts), due, widths=(1.6, 1, 1, 1)),
    ]
