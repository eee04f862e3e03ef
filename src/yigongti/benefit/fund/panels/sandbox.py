"""What the sandbox shows on an amendment: the comparison attached to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yigongti.benefit.fund.models import EVIDENCE
from yigongti.benefit.fund.pages.sandbox import tables
from yigongti.benefit.fund.queries.sandbox import saved
from yigongti.kernel.panel import Panel


def attached(shown: Any) -> Iterable[Panel]:
    """Slot ``case.main`` of an amendment: what its value, with whatever else was changed in the comparison, would have done."""
    code = getattr(shown.more, "evidence", "") if shown.case.flow == "policy_amendment" else ""
    number = code.removeprefix(EVIDENCE)
    row = saved.one(int(number)) if code.startswith(EVIDENCE) and number.isdecimal() else None
    if row is None:
        return
    told = {one.code: one.sheet for one in tables.tables(row.result)}
    values = {
        "row": row, "result": row.result, "chart": tables.charts(row.result)[0],
        "sheets": [told["funds"], told["pool"], told["deciles"], told["serious"]],
        "others": "、".join(one["title"] for one in row.changed if one["key"] != shown.more.key),
    }  # fmt: skip
    yield Panel("fund-sandbox", "附测算：政策沙盘比较", "fund/_sandbox_attached.html", values)
