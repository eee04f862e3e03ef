"""What the fund contributes to other rooms' screens: what each path would cost, beside the diagnosis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from yigongti.benefit.fund.queries import paths, reckoning
from yigongti.kernel.audit import log
from yigongti.kernel.panel import Panel


def costs(context: Any) -> Iterable[Panel]:
    """Slot ``visit.after_diagnosis``: for a typical bill of the disease, what each path would cost this person."""
    visit, acting, picture = context.visit, context.acting, context.picture
    if visit.status != "open" or not acting.may("referral.sender") or visit.unit_id not in acting.units:
        return
    code = getattr(picture, "principal", "") or (picture.codes[0] if picture.codes else "")
    if not code or not reckoning.may_reckon(visit.subject_id):
        return
    found = paths.paths(acting, visit.subject_id, code)
    if found:
        log.saw("claim", [], [visit.subject_id], why="测算各就医路径费用")
        values = {"paths": found, "code": code[:3], "any": any(one.told for one in found)}
        yield Panel("fund-paths", "住院费用测算", "fund/_paths.html", values)
