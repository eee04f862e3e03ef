"""The desk of adjustments; the list itself is a panel of the case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from yigongti.benefit.fund.actions.adjusting import latest
from yigongti.benefit.fund.flow.adjustment import ADJUSTMENT
from yigongti.benefit.fund.models import Adjustment, Claim
from yigongti.benefit.fund.queries.claims import READS
from yigongti.kernel import money
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Desk
from yigongti.kernel.panel import Panel


def by_case(case_ids: Sequence[int]) -> dict[int, list[Adjustment]]:
    """The rows of the last list, by case."""
    found: dict[int, list[Adjustment]] = {}
    for row in Adjustment.objects.select_related("before").filter(case_id__in=list(case_ids)).order_by("-listing"):
        rows = found.setdefault(row.case_id, [])
        if not rows or rows[0].listing == row.listing:
            rows.append(row)
    return found


UNSEEN = "—"
"""For a seat that sees the case and not the claims: no number is not nought."""


def _claims(row: Any) -> str:
    return f"{len(row.more)} 份" if row.more else UNSEEN


def _fund(row: Any) -> str:
    """By how much what the funds pay changes, yuan with its sign."""
    changes = [
        one.basic_fen + one.serious_fen + one.aid_fen - one.before.basic_fen - one.before.serious_fen - one.before.aid_fen
        for one in row.more or ()
    ]  # fmt: skip
    return money.yuan(sum(changes), sign=True) if changes else UNSEEN


def detail(case: Case, rows: list[Adjustment] | None) -> Sequence[tuple[str, str]]:
    return [("涉及清单", f"{len(rows)} 份")] if rows else []


def lines(context: Any) -> Iterable[Panel]:
    """Slot ``case.main``: each claim with before and after."""
    if context.flow.code != ADJUSTMENT.code:
        return
    rows = latest(context.case.pk)
    if rows:
        opens = any(map(context.acting.may, READS))
        first: Any = rows[0]
        days = {"start_date": first.cause_start, "end_date": first.cause_end}
        cause = Claim(pk=first.cause_id, **days) if first.cause_end else None
        values = {"rows": rows, "cause": cause, "listing": rows[0].listing, "open": opens}
        yield Panel("fund-adjustments", f"逐份调整（{len(rows)}）", "fund/_adjustments.html", values)


ADJUSTMENT_DESK = Desk(
    comes="迟到的清单改变了已结算的清单时自动列出，由医保管理中心确认",
    flow=ADJUSTMENT, title="结算调整", noun="结算调整", rows=by_case, detail=detail,
    columns=(
        Column("claims", "清单", _claims),
        Column("fund", "基金支付变动", _fund),
        Column("listed", "列出时间", lambda row: row.case.opened_at, "time", sort="opened_at", wide=True),
    ),
)  # fmt: skip
