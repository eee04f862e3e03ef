"""The criteria in force here, by disease, with what the county has changed; one criterion with its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, page
from yigongti.registry import facade as registry
from yigongti.service.referral import queries
from yigongti.service.referral.criteria import raw, shipped
from yigongti.service.referral.desk.criteria import told
from yigongti.service.referral.models import CriterionChange
from yigongti.service.referral.rules import URGENCY_TITLES
from yigongti.service.referral.rules.expression import write, write_reason

STATUS = {"confirmed": "已核对", "unconfirmed": "待核对", "assumed": "试行设定"}
TONES = {"emergency": "late", "soon": "due", "routine": "info"}


@dataclass(frozen=True)
class Shown:
    """One criterion on the page."""

    id: str
    title: str
    up: bool
    urgency: str
    tone: str
    dx: str
    condition: str
    reason: str
    source: str
    status: str
    change: CriterionChange | None
    """The county's change that is in force; None: as shipped."""
    stopped: bool = False


def _acting(request: HttpRequest) -> Acting:
    acting: Acting = request.acting  # type: ignore[attr-defined]
    return acting


@page(right="policy.read")
@require_GET
def criteria(request: HttpRequest) -> HttpResponse:
    """Criteria by disease; ``?direction=``, ``?q=``, ``?own=1`` narrow."""
    acting, today = _acting(request), calendar.today()
    direction, q = request.GET.get("direction", ""), request.GET.get("q", "")[:40].strip()
    own = request.GET.get("own") == "1"
    everything = _everything(acting, today)
    found = [
        one for one in everything
        if (direction not in ("up", "down") or one.up == (direction == "up"))
        and (not own or one.change is not None)
        and (not q or q.upper() in f"{one.id} {one.title} {one.dx} {one.reason}".upper())
    ]  # fmt: skip
    groups: dict[tuple[str, str], list[Shown]] = {}
    for one in found:
        groups.setdefault(_chapter(one.dx), []).append(one)
    context = {
        "groups": [(name, sorted(rows, key=lambda one: one.dx)) for (_, name), rows in sorted(groups.items())],
        "shown": len(found), "total": len(everything), "direction": direction, "q": q, "own": own, "today": today,
        "changed": sum(one.change is not None for one in everything), "hash": queries.in_force(acting.place, today).hash[:12],
        "may_propose": acting.may("policy.propose"), "waiting": _waiting(acting),
    }  # fmt: skip
    return render(request, "referral/criteria.html", context)


def _chapter(dx: str) -> tuple[str, str]:
    """Under which heading a criterion stands, the first code deciding: the chapter's first category, its words."""
    if not dx:
        return "", "不限诊断（危险信号与生命体征）"
    first, last, title = registry.diagnosis_chapter(dx.split("、", maxsplit=1)[0])
    return first, f"{title}（{first}—{last}）"


def _waiting(acting: Acting) -> int:
    return sum(change.decision == "" for change in queries.changes_of(acting.place))


def _everything(acting: Acting, today: Any) -> list[Shown]:
    live = _live(queries.changes_of(acting.place), today)
    rows = queries.in_force(acting.place, today).rows
    found = [_shown(row, live.get(str(row["id"]))) for row in rows]
    known = {one.id for one in found}
    before = {str(row["id"]): row for row in raw()["criteria"]}
    stopped = [(code, change) for code, change in live.items() if code not in known and code in before]
    return found + [_shown(before[code], change, stopped=True) for code, change in stopped]


def _live(changes: Sequence[CriterionChange], today: Any) -> dict[str, CriterionChange]:
    """The county's change that rules each criterion today: of those in force the last decided."""
    found: dict[str, CriterionChange] = {}
    for change in sorted((c for c in changes if c.decision == "approved"), key=lambda c: (c.decided_at, c.pk)):
        if change.starts <= today and (change.ends is None or today <= change.ends):
            found[change.criterion] = change
    return found


def _shown(row: Mapping[str, Any], change: CriterionChange | None, *, stopped: bool = False) -> Shown:
    return Shown(
        row["id"], row["title"], row["direction"] == "up", URGENCY_TITLES[row["urgency"]], TONES[row["urgency"]],
        "、".join(map(str, row.get("dx") or ())), write(row.get("when") or {}, shipped()), write_reason(row["reason"], shipped()),
        row.get("source", ""), STATUS.get(row.get("status", "assumed"), ""), change, stopped,
    )  # fmt: skip


@page(right="policy.read")
@require_GET
def criterion(request: HttpRequest, code: str) -> HttpResponse:
    """One criterion as it is and as it was."""
    acting, today = _acting(request), calendar.today()
    one = next((found for found in _everything(acting, today) if found.id == code), None)
    if one is None:
        raise Http404
    history = [
        (change, told(change.body) if change.body else "停用") for change in queries.changes_of(acting.place, code)
    ]
    first = next((row for row in raw()["criteria"] if row["id"] == code), None)
    context = {
        "one": one, "history": history, "shipped": told(first) if first else "", "may_propose": acting.may("policy.propose"),
        "first": first,
    }  # fmt: skip
    return render(request, "referral/criterion.html", context)
