"""How vouchers entered by hand show until they are posted; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from yigongti.kernel import money, printing
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.case.facade import Case, Transition
from yigongti.kernel.desk import Column, Create, Desk, Filter, of
from yigongti.kernel.form import Choice, Env, Known
from yigongti.kernel.panel import Panel
from yigongti.management.finance import queries
from yigongti.management.finance.actions import entering
from yigongti.management.finance.flow import VOUCHER
from yigongti.management.finance.models import Draft
from yigongti.management.finance.rules import CHART


def amount(row: Draft) -> int:
    """The sum of one side, fen; of a reversal that of the voucher it takes back, negative."""
    if row.kind == Draft.Kind.RED:
        return -sum(line.debit for line in queries.lines_of(row.reverses)) if row.reverses else 0
    return sum(line["debit"] for line in row.lines)


def detail(case: Case, row: Draft | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    facts = [
        ("类别", row.get_kind_display()), ("账簿", row.book.name), ("日期", f"{row.on}"),
        ("冲销原因" if row.kind == Draft.Kind.RED else "摘要", row.text),
        ("冲销凭证", f"{row.reverses.label} {row.reverses.text}" if row.reverses else ""),
        ("金额", f"{money.yuan(amount(row))} 元"), ("附件", f"{row.attachments} 张" if row.attachments else ""),
        ("制单", row.entered_by.name),
        ("入账", f"{row.voucher.label}，{row.voucher.posted_by.name}审核" if row.voucher else ""),
    ]  # fmt: skip
    return [(label, text) for label, text in facts if text]


def _rows(row: Draft) -> list[tuple[str, int, int]]:
    """Account's name, debit, credit (fen) of each line."""
    if row.kind == Draft.Kind.RED and row.reverses:
        return [(line.account.name, -line.debit, -line.credit) for line in queries.lines_of(row.reverses)]
    return [(CHART[line["account"]][0], line["debit"], line["credit"]) for line in row.lines]


def lines(shown: Any) -> Iterable[Panel]:
    """Slot ``case.main``: the lines, and the way into the books."""
    if shown.case.flow == VOUCHER.code and shown.more is not None:
        row = shown.more
        yield Panel(
            "finance-draft", "分录", "finance/_draft.html", {"rows": _rows(row), "total": amount(row), "draft": row}
        )


def printout(case: Case) -> printing.Printout:
    """The slip as entered, with places to sign."""
    row = queries.drafts([case.pk])[case.pk]
    table = printing.Table(
        (printing.Column("科目", 3), printing.Column("借方（元）", 1.5, "right"), printing.Column("贷方（元）", 1.5, "right")),
        [(name, *(money.yuan(one) if one else "" for one in sides)) for name, *sides in _rows(row)], title="分录",
    )  # fmt: skip
    blocks = (
        printing.Fields([("状态", VOUCHER.state(case.state).title), *detail(case, row)], columns=2), table,
        printing.Note("入账前不是记账凭证，不占凭证号。"), printing.Signatures(("制单", "审核")),
    )  # fmt: skip
    return printing.Printout("凭证审核单", case.number, row.book.name, blocks)


def known(case: Case, transition: Transition, env: Env) -> Mapping[str, Known]:
    """A correction begins with what was entered."""
    row = queries.drafts([case.pk]).get(case.pk)
    if row is None or transition.code != "correct" or row.kind == Draft.Kind.RED:
        return {}
    typed = [{key: value or None for key, value in line.items()} for line in row.lines]
    return {"on": Known(row.on), "text": Known(row.text), "lines": Known(typed), "attachments": Known(row.attachments)}


def _begin(env: Env) -> Mapping[str, Known]:
    """By a link from a voucher: its reversal; else a voucher of today."""
    if "reverses" in env.known:
        return {"kind": Known("red")}
    return {"kind": Known("manual"), "on": Known(env.today)}


def _enter(acting: Acting, values: dict[str, Any], client_id: UUID, subject_id: int | None) -> Case:
    return entering.enter(acting=acting, values=values, client_id=client_id)


DESK = Desk(
    flow=VOUCHER, title="录入与审核", noun="凭证", rows=queries.drafts, detail=detail, known=known, printout=printout,
    columns=(
        Column("kind", "类别", lambda row: row.more.get_kind_display() if row.more is not None else None),
        Column("book", "账簿", lambda row: row.more.book.name if row.more is not None else None),
        Column("on", "日期", of("on"), "day"), Column("text", "摘要", of("text")),
        Column("label", "凭证号", lambda row: row.more.voucher.label if row.more is not None and row.more.voucher else None),
        Column("by", "制单", lambda row: row.more.entered_by.name if row.more is not None else None, wide=True),
    ),
    filters=(
        Filter("what", "类别", lambda acting: [Choice(*one) for one in Draft.Kind.choices],
               lambda rows, code: rows.filter(finance_draft__kind=code)),
    ),
    create=Create(open=_enter, known=_begin, given=("reverses",),
                  lead="会计录入，另一人审核后入账取得凭证号；入账后不能修改，只能红字冲销。"),
)  # fmt: skip
