"""A job that failed waits for the administrator until a run of it succeeds; nobody but a run says that it did."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.registry.small import Small
from tests.support import web
from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Refused, perform
from yigongti.kernel.jobs.facade import FAILED_DAYS, job_named, run

pytestmark = pytest.mark.database
DONE = {"cause": "disk", "text": "数据盘写满，清理旧备份，报修单 7 号"}


@pytest.fixture(autouse=True)
def empty(admin: Any) -> None:
    admin.execute("delete from procrastinate_periodic_defers")
    admin.execute("delete from procrastinate_jobs")


def fails(admin: Any, name: str = "facts", *, days: int = 0, args: str = "{}") -> int:
    """A run that failed some days ago; its id in the queue."""
    (run_id,) = admin.execute(
        "with j as (insert into procrastinate_jobs (queue_name, task_name, status, attempts, args)"
        " values ('default', %s, 'failed', 1, %s) returning id)"
        " insert into procrastinate_events (job_id, type, at) select id, 'failed', now() - make_interval(days => %s) from j"
        " returning job_id",
        [name, args, days],
    ).fetchone()  # fmt: skip
    return int(run_id)


def watched() -> int:
    opened: int = run(job_named("job_failures"))
    return opened


def newest(admin: Any) -> int:
    (case,) = admin.execute("select max(id) from case_case where flow = 'failed_job'").fetchone()
    return int(case)


def state(admin: Any, case: int) -> str:
    (found,) = admin.execute("select state from case_case where id = %s", [case]).fetchone()
    return str(found)


def handle(small: Small, case: int) -> None:
    with small.as_seat("admin") as acting:
        perform(acting=acting, case_id=case, transition="handle", values=DONE, client_id=uuid4())


def put_again(admin: Any, case: int) -> int:
    (retry,) = admin.execute("select retry_id from supervision_jobfailure where case_id = %s", [case]).fetchone()
    return int(retry)


def test_a_job_that_fails_each_minute_is_one_case_and_another_job_another(small: Small, admin: Any) -> None:
    fails(admin), fails(admin)
    assert watched() == 1
    fails(admin)
    fails(admin, "registry_duplicates")
    assert watched() == 1
    assert watched() == 0
    rows = admin.execute("select job, failures from supervision_jobfailure order by case_id").fetchall()
    assert rows == [("facts", 3), ("registry_duplicates", 1)]


@pytest.mark.parametrize(("days", "asked"), [(FAILED_DAYS - 1, 1), (FAILED_DAYS, 0)])
def test_what_is_no_longer_told_of_is_not_asked_about(small: Small, admin: Any, days: int, asked: int) -> None:
    fails(admin, days=days)
    assert watched() == asked


def test_it_waits_in_the_administrators_work_and_is_closed_by_a_run_that_succeeds(small: Small, admin: Any) -> None:
    run_id = fails(admin, args='{"timestamp": 5}')
    watched()
    case = newest(admin)
    office = web.browser(small.accounts["admin"], small.seats["admin"])
    assert f"/case/{case}/" in office.get("/").content.decode()
    assert f"/case/{case}/" in office.get("/robots/").content.decode()
    sent = office.post(f"/case/{case}/do/handle", {"client_id": str(uuid4()), **DONE})
    assert sent.status_code == 302
    retry = put_again(admin, case)
    assert retry != run_id
    assert admin.execute("select task_name, status, args from procrastinate_jobs where id = %s", [retry]).fetchone() == (
        "facts", "todo", {},
    )  # fmt: skip
    watched()
    assert state(admin, case) == "retried", "it has not run yet"
    admin.execute("delete from procrastinate_jobs where id = %s", [retry])
    watched()
    assert state(admin, case) == "recovered"
    shown = office.get(f"/case/{case}/").content.decode()
    assert "磁盘已满" in shown and "报修单 7 号" in shown


def test_a_run_that_fails_again_comes_back_to_the_administrator(small: Small, admin: Any) -> None:
    fails(admin)
    watched()
    case = newest(admin)
    handle(small, case)
    with pytest.raises(Refused, match="还没有失败"):
        handle(small, case)
    admin.execute("update procrastinate_jobs set status = 'failed' where id = %s", [put_again(admin, case)])
    watched()
    assert state(admin, case) == "failed"
    handle(small, case)
    assert state(admin, case) == "retried"


def test_what_only_others_put_off_runs_again_with_its_own_ids(small: Small, admin: Any) -> None:
    once = next(job.name for job in _jobs() if job.cron is None)
    fails(admin, once, args='{"case_id": 12}')
    watched()
    case = newest(admin)
    handle(small, case)
    again = admin.execute("select args from procrastinate_jobs where id = %s", [put_again(admin, case)]).fetchone()
    assert again == ({"case_id": 12},)


def test_what_is_let_be_says_why_and_the_next_failure_is_asked_about_anew(small: Small, admin: Any) -> None:
    fails(admin)
    watched()
    first = newest(admin)
    with small.as_seat("admin") as acting:
        perform(
            acting=acting,
            case_id=first,
            transition="let_be",
            values={"text": "数据已由次日的运行补上"},
            client_id=uuid4(),
        )
    assert state(admin, first) == "let_be"
    assert watched() == 0
    fails(admin)
    assert watched() == 1
    assert newest(admin) > first


def test_nobody_looks_and_it_is_told_to_those_above(small: Small, admin: Any) -> None:
    fails(admin)
    watched()
    case = newest(admin)
    for days in (2, 5):
        with calendar.moved(timedelta(days=days)):
            run(job_named("clock"))
    assert admin.execute("select stage from case_case where id = %s", [case]).fetchone() == (3,)
    for who in ("township", "director", "registrar", "patient"):
        assert web.browser(small.accounts[who], small.seats[who]).get(f"/case/{case}/").status_code == 404, who


def _jobs() -> tuple[Any, ...]:
    from yigongti.kernel import wiring

    return tuple(wiring.offer("JOBS"))
