"""Every write: the robot states, the administrator explains or handles, the supervisor confirms or sends back."""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from django.conf import settings

from yigongti.kernel.access.facade import Acting
from yigongti.kernel.audit.facade import Statement, statements
from yigongti.kernel.calendar import local
from yigongti.kernel.case.facade import Act, Refused, open_case, perform
from yigongti.kernel.jobs.facade import Failure, again, failures, went
from yigongti.responsibility.supervision import queries
from yigongti.responsibility.supervision.models import JobFailure, SealOutage

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


# --- jobs that failed ---------------------------------------------------------------------------------------------------


def watch_jobs(acting: Acting) -> int:
    """Open a case for every job that failed and has none open, add to that of others, see how what was put in again went.

    Returns how many were opened. A failure is told within FAILED_DAYS or not at all: nobody asks about older ones.
    """
    acting.demand("platform.watch")
    open_rows = {row.job: row for row in queries.open_failures()}
    opened = 0
    for one in failures(after=queries.last_failure()):
        row = open_rows.get(one.job.name)
        if row is None:
            open_rows[one.job.name] = _failed(acting, one)
            opened += 1
        else:
            row.event_id, row.run_id, row.last_at, row.failures = one.event_id, one.run_id, one.at, row.failures + 1
            row.save(force_update=True)
    for row in open_rows.values():
        if row.case.state == "retried" and row.retry_id is not None:
            _see(acting, row, went(row.retry_id))
    return opened


def _failed(acting: Acting, one: Failure) -> JobFailure:
    case = open_case(
        acting=acting, flow="failed_job", subject_id=None, from_unit=acting.unit_id, to_unit=acting.unit_id,
        hq_unit=acting.unit_id, title=f"没有做成：{one.job.purpose}",
        values={"job": one.job.name, "event_id": one.event_id, "run_id": one.run_id, "first_at": one.at, "last_at": one.at},
        client_id=uuid5(_SPACE, f"job failure {one.event_id}"),
    )  # fmt: skip
    made: JobFailure = JobFailure.objects.select_related("case").get(pk=case.pk)
    return made


def _see(acting: Acting, row: JobFailure, done: bool | None) -> None:
    if done is None:
        return
    step = "recover" if done else "fail_again"
    perform(
        acting=acting, case_id=row.pk, transition=step, values={},
        client_id=uuid5(_SPACE, f"job {row.pk} {row.retry_id} {step}"),
    )  # fmt: skip


def on_failed(act: Act) -> None:
    JobFailure.objects.create(case=act.case, **act.values)


def on_handle(act: Act) -> None:
    """What was found and done is kept, and the run is put into the queue once more.

    Raises Refused when it is gone from there, or what was put there before has not failed.
    """
    row = _failure(act)
    if act.case.state == "retried" and row.retry_id is not None and went(row.retry_id) is not False:
        raise Refused(
            "已经重新排队，这次运行还没有失败",
            remedy="机器人几分钟内登记结果；一直排着的，用 yigongti doctor 检查任务进程是否在运行",
        )
    try:
        row.retry_id = again(row.run_id)
    except LookupError:
        raise Refused(
            "这次运行已不在队列中，不能重新运行", remedy="定时任务等下一次到点；不用再运行的点“不再需要”结案"
        ) from None
    row.cause, row.text = str(act.values["cause"]), str(act.values["text"])
    row.handled_by_id, row.handled_at = act.acting.seat_id, act.at
    row.save(force_update=True)
    act.reason = row.cause


def on_let_be(act: Act) -> None:
    row = _failure(act)
    row.text, row.handled_by_id, row.handled_at = str(act.values["text"]), act.acting.seat_id, act.at
    row.save(force_update=True)


def _failure(act: Act) -> JobFailure:
    found: JobFailure = JobFailure.objects.select_for_update().get(pk=act.case.pk)
    return found
