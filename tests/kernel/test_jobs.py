"""Putting a job off: it waits in the queue once, however often it is asked for, and only if the transaction commits."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from yigongti.kernel.access.door import RobotTicket, SessionEnded, acting_as
from yigongti.kernel.jobs.facade import defer, job_named

pytestmark = pytest.mark.database
WAITING = "select task_name from procrastinate_jobs where status = 'todo' order by 1"


@pytest.fixture(autouse=True)
def nothing_waits(small: Any, admin: Any) -> None:
    admin.execute("delete from procrastinate_jobs")


def test_a_periodic_job_asked_for_twice_waits_once_and_what_else_was_done_stays(admin: Any) -> None:
    assert job_named("facts").cron, "the one that is periodic and asked for by a button"
    with acting_as(RobotTicket("robot_facts"), purpose="test"):
        defer("facts")
        defer("facts")
        defer("fund_facts")
    assert admin.execute(WAITING).fetchall() == [("facts",), ("fund_facts",)]


def test_what_is_taken_back_puts_nothing_off(admin: Any) -> None:
    with acting_as(RobotTicket("robot_facts"), purpose="test"):
        defer("facts")
        transaction.set_rollback(True)
    assert admin.execute(WAITING).fetchall() == []


def test_an_unknown_job_is_an_error() -> None:
    with pytest.raises(KeyError):
        defer("nothing")


def hour_comes(name: str) -> None:
    """The job as its hour calls it."""
    from procrastinate.contrib.django import app

    app.tasks[name].func(0)


def test_before_there_is_a_county_an_hour_that_comes_is_no_failure(database: str, admin: Any) -> None:
    admin.execute("update access_role set robot = false")
    hour_comes("clock")


def test_a_robot_that_lost_its_seat_in_a_county_fails(admin: Any) -> None:
    admin.execute("update access_role set robot = false where code = 'robot_clock'")
    with pytest.raises(SessionEnded):
        hour_comes("clock")
