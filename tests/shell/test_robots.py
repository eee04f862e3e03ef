"""The page of the robots: every job with its hour in the county's time, what waits, what failed."""

from __future__ import annotations

from typing import Any

import pytest
from tests.registry.small import Small
from tests.support import web

from yigongti.kernel import wiring
from yigongti.kernel.access.door import RobotTicket, acting_as
from yigongti.kernel.jobs.facade import defer
from yigongti.kernel.jobs.schedule import when


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        (None, "按需"), ("* * * * *", "每分钟"), ("*/5 * * * *", "每 5 分钟"), ("7 * * * *", "每小时 07 分"),
        ("20 18 * * *", "每日 02:20"), ("5 16,23,1 * * *", "每日 00:05、07:05、09:05"),
    ],
)  # fmt: skip
def test_when_a_job_runs_is_told_in_words_and_the_countys_time(cron: str | None, words: str) -> None:
    assert when(cron) == words


def test_a_job_by_month_would_be_told_wrongly_and_is_refused() -> None:
    with pytest.raises(ValueError, match="1 1"):
        when("0 0 1 1 *")


def test_every_job_of_the_house_has_its_hour_in_words_and_a_robot_that_is_a_role() -> None:
    for job in wiring.offer("JOBS"):
        assert when(job.cron) and job.purpose and job.tables


@pytest.mark.database
def test_the_administrator_and_the_supervisor_see_what_waits_and_what_failed(small: Small, admin: Any) -> None:
    admin.execute("delete from procrastinate_jobs")
    with acting_as(RobotTicket("robot_facts"), purpose="test"):
        defer("facts")
    admin.execute(
        "with j as (insert into procrastinate_jobs (queue_name, task_name, status, attempts)"
        " values ('default', 'registry_duplicates', 'failed', 1) returning id)"
        " insert into procrastinate_events (job_id, type, at) select id, 'failed', now() from j"
    )
    admin.execute(
        "insert into procrastinate_periodic_defers (task_name, defer_timestamp) values"
        " ('clock', extract(epoch from timestamptz '2026-03-01 08:00+08'))"
    )
    for who in ("admin", "supervisor"):
        page = web.browser(small.accounts[who], small.seats[who]).get("/robots/").content.decode()
        assert "近 7 天有 1 次没有做成" in page and "等待 1 件" in page and "未做成" in page
        assert "每日 02:20" in page and "查重机器人" in page
        assert "2026-03-01 08:00" in page or "3 月 1 日 08:00" in page or "03-01 08:00" in page
    assert web.browser(small.accounts["township"], small.seats["township"]).get("/robots/").status_code == 404
