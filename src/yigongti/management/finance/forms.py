"""Forms of the vouchers entered by hand."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.kernel.form import Choice, Env, Field, Form
from yigongti.management.finance import queries
from yigongti.management.finance.rules import CHART

MOST_LINES = 60
_MANUAL = ("kind", "manual")
_RED = ("kind", "red")


def _books(env: Env) -> Sequence[Choice]:
    return [Choice(str(unit.pk), unit.name) for unit in queries.keepable()]


def _accounts(env: Env) -> Sequence[Choice]:
    return [Choice(code, name) for code, (name, _, _) in CHART.items()]


_LINES = (
    Field("account", "科目", "choice", required=True, choices=_accounts),
    Field("debit", "借方", "fen", min=1, max=10**13),
    Field("credit", "贷方", "fen", min=1, max=10**13),
)


def _content(when: tuple[str, str] | None) -> tuple[Field, ...]:
    return (
        Field("on", "记账日期", "date", required=True, max=lambda env: env.today, width=4, when=when),
        Field("text", "摘要", required=True, max_length=100, width=8, when=when),
        Field("lines", "分录", "table", required=True, min=2, max=MOST_LINES, rows=2, when=when, columns=_LINES,
              help="每行只填借方或贷方，借贷合计相等"),
        Field("attachments", "附件", "integer", min=0, max=999, unit="张", width=4, when=when),
    )  # fmt: skip


ENTRY = Form(
    code="finance.voucher", title="录入凭证", submit="提交审核",
    fields=(
        Field("kind", "类别", "choice", required=True, width=6, default="manual", choices=(("manual", "记账凭证"), ("red", "红字冲销"))),
        Field("book", "账簿", "choice", required=True, choices=_books, width=6, when=_MANUAL),
        *_content(_MANUAL),
        Field("reverses", "要冲销的凭证", required=True, max_length=24, width=6, when=_RED, pattern=r"(?i)(PZ-)?[0-9]{1,15}",
              pattern_says="凭证上印的编号，如 PZ-12", help="凭证页和打印件上的 PZ- 编号"),
        Field("why", "冲销原因", required=True, max_length=60, when=_RED),
    ),
)  # fmt: skip
CORRECT = Form(code="finance.correct", title="更正凭证", submit="再次提交审核", fields=_content(None))
POST = Form(code="finance.post", title="审核入账", submit="入账", fields=(Field("note", "审核意见", max_length=200),))
RETURN = Form(
    code="finance.return",
    title="退回",
    submit="退回",
    fields=(Field("text", "退回原因", "longtext", required=True, max_length=200),),
)
DROP = Form(
    code="finance.drop",
    title="作废",
    submit="作废",
    fields=(Field("text", "作废原因", "longtext", required=True, max_length=200),),
)
