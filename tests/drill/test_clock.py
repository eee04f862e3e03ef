"""The machine's clock jumps: no limit fires twice or vanishes, sessions, acts and the log's chain stand.

Two clocks are meant: the program's (``kernel.calendar``), which limits and acts follow, and the database's, which
sessions and the log follow. Setting one of them wrong on purpose shows that neither is judged by the other.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.service.story import Story
from tests.support.ground import Ground
from tests.support.people import LIMITS
from yigongti.kernel import calendar
from yigongti.kernel.access import signin
from yigongti.kernel.access.door import SessionEnded, SessionTicket, acting_as
from yigongti.kernel.audit import seal
from yigongti.kernel.case import clock
from yigongti.kernel.case.flow import Refused

DAY = timedelta(days=1)


def tick(story: Story, by: timedelta) -> int:
    """The robot works while the clock is wrong by so much; cases advanced."""
    with calendar.moved(by), story.seat("robot_clock") as acting:
        return clock.tick(acting)


def kinds(admin: psycopg.Connection, case: int) -> list[str]:
    rows = admin.execute("select kind from case_entry where case_id = %s and transition = '' order by id", [case])
    return [kind for (kind,) in rows.fetchall() if kind != "opened"]


def test_forward_and_back_each_step_of_a_limit_is_told_once_and_none_is_forgotten(
    ground: Ground, admin: psycopg.Connection
) -> None:
    story = Story(ground.small)
    case = story.send()
    (due, first) = admin.execute("select due, next_at from case_case where id = %s", [case]).fetchone() or (None, None)
    assert due is not None and first is not None
    tick(story, -3 * DAY)
    assert kinds(admin, case) == [], "a clock that went back brings nothing forward"
    assert admin.execute("select due, next_at from case_case where id = %s", [case]).fetchone() == (due, first)
    tick(story, 3 * DAY)
    told = kinds(admin, case)
    assert told == ["reminder", "escalation", "director"], "late, each step once"
    for by in (-3 * DAY, timedelta(0), timedelta(hours=1), 3 * DAY):
        tick(story, by)
    assert kinds(admin, case) == told, "back to the right time, and forward again: nothing twice"
    stage = admin.execute("select stage, closed_at, next_at from case_case where id = %s", [case]).fetchone()
    assert stage is not None
    assert stage[0] == 3 and stage[1] is None, "it stays on the director's list until somebody acts"
    assert stage[2] is not None, "and will be told again"


@pytest.mark.parametrize("by", [-2 * DAY, timedelta(hours=-1), 2 * DAY], ids=["back 2 d", "back 1 h", "forward 2 d"])
def test_acts_during_a_wrong_clock_are_kept_in_their_order_and_nobody_waited_less_than_nothing(
    ground: Ground, admin: psycopg.Connection, by: timedelta
) -> None:
    story = Story(ground.small)
    case = story.send()
    admin.execute(
        "update access_seat set starts = starts - 30"
    )  # who is employed today was so before the clock went back
    with calendar.moved(by):
        story.accept(case)
    if by > timedelta(hours=1):  # “accepted” lies in what is now the future: told in words, and nothing is half done
        with pytest.raises(Refused, match="到院时间"):
            story.arrive(case)
    else:
        story.arrive(case)
    rows = admin.execute(
        "select to_state, waited_seconds from case_entry where case_id = %s and to_state <> '' order by id", [case]
    ).fetchall()
    assert [state for state, _ in rows] == ["sent", "accepted", "arrived"][: len(rows)]
    assert len(rows) == (2 if by > timedelta(hours=1) else 3)
    assert min(waited for _, waited in rows) >= 0
    limit = admin.execute("select next_at from case_case where id = %s", [case]).fetchone()
    assert limit is not None and limit[0] is not None, "whoever holds it now has a limit"


def test_sessions_and_the_log_follow_the_databases_clock_alone(
    ground: Ground, admin: psycopg.Connection, as_owner: Any, tmp_path: Path
) -> None:
    anchor = tmp_path / "audit.json"
    for by in (-400 * DAY, 400 * DAY):
        with calendar.moved(by):
            browser = ground.browser("township")
            assert browser.get("/").status_code == 200
            seal.seal_once(anchor)
    with as_owner():
        report = seal.verify(anchor, unsealed_seconds=0)
    assert report.good, report.findings
    assert report.entries > 0


def test_when_the_databases_clock_jumps_over_a_sessions_end_it_is_ended_for_as_long_as_the_clock_says_so(
    ground: Ground, admin: psycopg.Connection
) -> None:
    small = ground.small
    token = signin.open_session(
        account_id=small.accounts["township"],
        seat_id=small.seats["township"],
        source="10.0.0.1",
        agent="t",
        limits=LIMITS,
    )
    assert token is not None
    for back in ("13 hours", "-13 hours"):  # for the session, the clock going forward is its own moments going back
        admin.execute(
            "update access_session set opened_at = opened_at - %s::interval, seen_at = seen_at - %s::interval,"
            " ends_at = ends_at - %s::interval where closed_at is null", [back, back, back],
        )  # fmt: skip
        if back.startswith("1"):
            with pytest.raises(SessionEnded), acting_as(SessionTicket(token)):
                pass
    with acting_as(SessionTicket(token)) as acting:  # the clock was set right again within the session's own time
        assert acting.seat_id == small.seats["township"]
