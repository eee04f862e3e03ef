"""Every write: the robot states, the administrator explains, the supervisor confirms or sends back."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from django.conf import settings

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit.facade import Statement, statements
from yigongti.kernel.calendar import local
from yigongti.kernel.case.facade import Act, Refused, open_case
from yigongti.responsibility.supervision import queries
from yigongti.responsibility.supervision.models import SealOutage

_SPACE = uuid5(NAMESPACE_OID, "yigongti.supervision")


def watch(acting: Acting) -> int:
    """Open a case for every outage that the log states and nobody was asked about yet; returns how many."""
    acting.demand("audit.read")
    new = statements(settings.AUDIT_ANCHOR, after=queries.last_entry())
    for one in new:
        _open(acting, one)
    return len(new)


def _open(acting: Acting, one: Statement) -> None:
    since, until = local(one.since), local(one.until)
    open_case(
        acting=acting, flow="seal_outage", subject_id=None, from_unit=acting.unit_id, to_unit=acting.unit_id,
        hq_unit=acting.unit_id, title=f"封存中断 {since:%Y-%m-%d %H:%M} 至 {_end(since, until)}，{one.waited} 条补封",
        values={
            "entry_id": one.entry_id, "since": one.since, "until": one.until, "waited": one.waited, "outside": one.outside,
        },
        client_id=uuid5(_SPACE, f"outage {one.entry_id}"),
    )  # fmt: skip


def _end(since: datetime, until: datetime) -> str:
    return f"{until:%H:%M}" if since.date() == until.date() else f"{until:%Y-%m-%d %H:%M}"


def on_state(act: Act) -> None:
    SealOutage.objects.create(case=act.case, **act.values)


def _row(act: Act) -> SealOutage:
    found: SealOutage = SealOutage.objects.select_for_update().get(pk=act.case.pk)
    return found


def on_explain(act: Act) -> None:
    row = _row(act)
    row.cause, row.text, row.measures = (str(act.values[name]) for name in ("cause", "text", "measures"))
    row.explained_by_id, row.explained_account, row.explained_at = act.acting.seat_id, act.acting.account_id, act.at
    row.save(force_update=True)
    act.reason = row.cause


def on_confirm(act: Act) -> None:
    """Raises Refused for the person who explained, in whatever seat, and for whoever holds the explaining seat now."""
    row = _row(act)
    if act.acting.account_id == row.explained_account or act.acting.seat_id == row.explained_by_id:
        raise Refused("不能确认自己写的说明", remedy="由另一名监管人员确认")
    row.opinion = act.values.get("opinion") or ""
    row.confirmed_by_id, row.confirmed_account, row.confirmed_at = act.acting.seat_id, act.acting.account_id, act.at
    row.save(force_update=True)


def on_return(act: Act) -> None:
    row = _row(act)
    row.opinion = act.values["opinion"]
    row.save(force_update=True)
