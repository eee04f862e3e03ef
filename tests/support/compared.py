"""A saved comparison of the sandbox without facts behind it: enough for a page to show."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from yigongti.benefit.fund.models import Comparison
from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting

CONSORTIUM = ("budget_fen", "reserve_fen", "pool_fen", "charged_in_fen", "charged_out_fen", "balance_fen", "kept_fen", "returned_fen",
              "fund_share_fen", "consortium_share_fen")  # fmt: skip


def result() -> dict[str, Any]:
    """Nothing was paid and nothing moved."""
    funds = {name: {"before": 0, "after": 0, "difference": 0} for name in ("basic", "serious", "aid", "person")}
    side = dict.fromkeys(CONSORTIUM, 0)
    return {
        "claims": 0, "persons": 0, "funds": funds, "insurance": [], "aid": [], "levels": [], "ages": [], "points": False, "paid_fen": 0,
        "deciles": [{"decile": at, "persons": 0, "before": 0, "after": 0, "better": 0, "worse": 0, "difference": 0} for at in range(1, 11)],
        "serious_line": {"over_before": 0, "over_after": 0, "newly_over": 0, "newly_under": 0}, "members": [],
        "consortium": {"before": side, "after": side}, "final_point": {"before": None, "after": None},
    }  # fmt: skip


def comparison(acting: Acting, consortium_id: int, year: int, name: str) -> int:
    """Kept by the acting seat; its id."""
    changed = [
        {
            "key": "fund.pool.risk_reserve",
            "title": "风险金比例",
            "before": "5%",
            "after": "4%",
            "clause": "未见文件规定",
            "status": "assumed",
        }
    ]
    row = Comparison.objects.create(
        consortium_id=consortium_id, year=year, name=name, note="", changed=changed, result=result(), parameter_hash="0" * 64,
        change={"values": {"fund.pool.risk_reserve": 400}, "coefficients": {}, "points": {}}, policy_set="0" * 64,
        data_version="0" * 16, data_as_of=calendar.now(), place=acting.place, made_by_id=acting.seat_id,
        made_account=acting.account_id or 0, made_at=calendar.now(), client_id=uuid4(),
    )  # fmt: skip
    return int(row.pk)
