"""Vouchers by hand: entered by the accountant, posted by a second person; a reversal is asked for and posted the same way."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid5

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Act, Case, Refused, open_case
from yigongti.kernel.text import cell
from yigongti.management.finance import models, queries, rules
from yigongti.management.finance.actions import posting
from yigongti.management.finance.models import Draft
from yigongti.management.finance.rules import Line

TWO_PERSONS = "会计基础工作规范：制单与审核分离"


def enter(*, acting: Acting, values: dict[str, Any], client_id: UUID) -> Case:
    """Open a case from the values of ``forms.ENTRY``.

    Raises Denied without ``finance.post``, Refused for a book out of reach, what does not balance, a closed month, a voucher
    that can't be reversed.
    """
    acting.demand("finance.post")
    if values["kind"] == Draft.Kind.RED:
        row = _to_reverse(values["reverses"])
        title = f"红字冲销 {row.book.name} {row.label}"
    else:
        book = _book(values["book"])
        _fit(book, values)
        title = f"{book.name} {values['text']}"
    return open_case(
        acting=acting, flow="finance_voucher", subject_id=None, from_unit=acting.unit_id, to_unit=acting.unit_id,
        hq_unit=acting.unit_id, title=cell(title)[:120], values=values, client_id=client_id,
    )  # fmt: skip


def on_enter(act: Act) -> None:
    """Keep what was entered."""
    if act.acting.account_id is None:
        raise Refused("系统账号不能录入凭证", remedy="请用本人账号办理")
    values, kind = act.values, Draft.Kind(act.values["kind"])
    if kind == Draft.Kind.RED:
        row = _to_reverse(values["reverses"])
        book_id, on, told = row.book_id, _today(act), {"text": cell(values["why"]), "lines": [], "reverses": row}
    else:
        book_id, on = int(values["book"]), values["on"]
        told = {
            "text": cell(values["text"]),
            "lines": _kept(values["lines"]),
            "attachments": values.get("attachments") or 0,
        }
    Draft.objects.create(
        case=act.case, kind=kind, book_id=book_id, on=on, entered_by_id=act.acting.seat_id,
        entered_account=act.acting.account_id, entered_at=act.at, **told,
    )  # fmt: skip
    act.reason = kind


def on_correct(act: Act) -> None:
    """Replace what was entered. Raises Refused for a reversal, and as :func:`enter`."""
    row = _row(act)
    if row.kind == Draft.Kind.RED:
        raise Refused("冲销没有可以更正的内容", remedy="请作废后重新申请")
    _fit(row.book, act.values)
    row.on, row.text, row.lines = act.values["on"], cell(act.values["text"]), _kept(act.values["lines"])
    row.attachments = act.values.get("attachments") or 0
    row.entered_by_id, row.entered_account, row.entered_at = act.acting.seat_id, _account(act), act.at
    row.save(force_update=True)


def on_post(act: Act) -> None:
    """A second person posts it: it gets its number. Raises Refused for whoever entered it, in whatever seat."""
    row = _row(act)
    if _account(act) == row.entered_account or act.acting.seat_id == row.entered_by_id:
        raise Refused("不能审核自己录入的凭证", remedy="由另一位负责人审核", clause=TWO_PERSONS)
    sending = uuid5(act.case.client_id, "posted")
    if row.kind == Draft.Kind.RED:
        assert row.reverses_id is not None
        taken = _to_reverse(str(row.reverses_id))
        made = posting.take_back(taken, sending, row.text, seat_id=act.acting.seat_id, at=act.at)
    else:
        _open(row.book_id, row.on)
        lines = tuple(rules.typed(row.book_id, row.lines))
        voucher = posting.Voucher(sending, row.on, row.text, lines, f"/case/{act.case.pk}/")
        (made,) = posting.write(voucher, {}, seat_id=act.acting.seat_id, at=act.at)
    row.voucher_id, row.posted_account = made, _account(act)
    row.save(force_update=True)


def _row(act: Act) -> Draft:
    row: Draft = Draft.objects.select_for_update(of=("self",)).select_related("book").get(pk=act.case.pk)
    return row


def _account(act: Act) -> int:
    if act.acting.account_id is None:
        raise Refused("系统账号不能办理凭证", remedy="请用本人账号办理")
    return act.acting.account_id


def _today(act: Act) -> date:
    return calendar.local(act.at).date()


def _book(code: str) -> Unit:
    found = next((unit for unit in queries.keepable() if str(unit.pk) == code), None)
    if found is None:
        raise Refused("没有这个账簿，或不在您的管辖范围内", field="book", remedy="从列表中选择")
    return found


def _fit(book: Unit, values: dict[str, Any]) -> list[Line]:
    """The lines. Raises Refused for what does not balance or falls in a closed month."""
    _open(book.pk, values["on"])
    try:
        return rules.typed(book.pk, values["lines"])
    except rules.Unbalanced as fault:
        raise Refused(str(fault), field="lines", remedy="请核对分录的科目和金额") from fault


def _open(book_id: int, on: date) -> None:
    if queries.is_closed(book_id, on.replace(day=1)):
        raise Refused(f"{on:%Y-%m} 已结账", field="on", remedy="改用未结账月份的日期，或请总会计师重新打开该月")


def _kept(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"account": row["account"], "debit": row.get("debit") or 0, "credit": row.get("credit") or 0} for row in rows
    ]


def _to_reverse(number: str) -> models.Voucher:
    """The voucher that a number means. Raises Refused for one out of reach, reversed, or itself a reversal."""
    row = queries.voucher(int(number.upper().removeprefix("PZ-")))
    if row is None:
        raise Refused("没有这张凭证，或不在您的管辖范围内", field="reverses", remedy="核对凭证上印的 PZ- 编号")
    if row.reverses_id is not None or models.Voucher.objects.filter(reverses=row).exists():
        raise Refused("这张凭证已冲销，或本身就是冲销凭证", field="reverses", remedy="需要更正时另记一张凭证")
    return row
