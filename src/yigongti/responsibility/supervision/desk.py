"""How outages of the log and failed jobs show; the pages are the kernel's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from yigongti.kernel.access.models import Seat
from yigongti.kernel.calendar import local
from yigongti.kernel.case.facade import Case
from yigongti.kernel.desk import Column, Desk, Filter, of
from yigongti.kernel.form import Choice
from yigongti.responsibility.supervision import queries, words
from yigongti.responsibility.supervision.flow import FAILED_JOB, SEAL_OUTAGE
from yigongti.responsibility.supervision.models import JobFailure, SealOutage


def _cause(causes: tuple[tuple[str, str], ...]) -> Column:
    """The column of the cause."""
    return Column(
        "cause", "原因", lambda row: words.cause(row.more.cause, causes) or None if row.more is not None else None
    )


def _signed(*acts: tuple[str, Seat | None, datetime | None]) -> list[tuple[str, str]]:
    """Who did what and when, of what was done."""
    return [
        (label, f"{seat.name} {local(at):%Y-%m-%d %H:%M}")
        for label, seat, at in acts
        if seat is not None and at is not None
    ]


def detail(case: Case, row: SealOutage | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    told = (
        "链上和库外均有记载"
        if row.outside
        else "只有库内有记载，库外没有：请立即执行 yigongti audit verify 并核查数据库"
    )
    facts = [
        ("中断时间", f"{local(row.since):%Y-%m-%d %H:%M:%S} 至 {local(row.until):%Y-%m-%d %H:%M:%S}"),
        ("恢复后补封", f"{row.waited} 条"), ("记载", told), ("原因", words.cause(row.cause)), ("经过", row.text),
        ("措施", row.measures), ("监管意见", row.opinion),
    ]  # fmt: skip
    facts += _signed(("说明人", row.explained_by, row.explained_at), ("确认人", row.confirmed_by, row.confirmed_at))
    return [(label, text) for label, text in facts if text]


DESK = Desk(
    flow=SEAL_OUTAGE, title="封存中断", noun="封存中断", rows=queries.by_case, detail=detail,
    columns=(
        Column("began", "中断自", of("since"), "time"), Column("ended", "恢复", of("until"), "time"),
        Column("waited", "补封条数", of("waited"), "number"), _cause(words.CAUSES),
    ),
    filters=(
        Filter("why", "原因", lambda acting: [Choice(*pair) for pair in words.CAUSES],
               lambda rows, code: rows.filter(seal_outage__cause=code)),
    ),
)  # fmt: skip


def failure_detail(case: Case, row: JobFailure | None) -> Sequence[tuple[str, str]]:
    """Facts under the state."""
    if row is None:
        return []
    facts = [
        ("首次", f"{local(row.first_at):%Y-%m-%d %H:%M}"),
        ("最近一次", f"{local(row.last_at):%Y-%m-%d %H:%M}，共 {row.failures} 次"),
        ("详情", "服务器的日志 worker.log，按上面的时间查"), ("原因", words.cause(row.cause, words.JOB_CAUSES)), ("处理", row.text),
    ]  # fmt: skip
    facts += _signed(("处理人", row.handled_by, row.handled_at))
    return [(label, text) for label, text in facts if text]


JOBS_DESK = Desk(
    flow=FAILED_JOB, title="任务失败", noun="任务失败", rows=queries.failures_by_case, detail=failure_detail,
    columns=(
        Column("first", "首次", of("first_at"), "time"), Column("last", "最近一次", of("last_at"), "time"),
        Column("failures", "次数", of("failures"), "number"), _cause(words.JOB_CAUSES),
    ),
    filters=(
        Filter("why", "原因", lambda acting: [Choice(*pair) for pair in words.JOB_CAUSES],
               lambda rows, code: rows.filter(job_failure__cause=code)),
    ),
)  # fmt: skip
