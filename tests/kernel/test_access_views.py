"""The finder's views that policies ask: each shows a seat its own and nothing else; what a transaction remembers."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.utils import ProgrammingError
from tests.support.people import Bare, bare_county

from yigongti.kernel.access import facade as access
from yigongti.kernel.access.once import forget, once
from yigongti.kernel.audit import log

pytestmark = pytest.mark.database


@pytest.fixture
def bare(database: str, as_owner: Any) -> Bare:
    return bare_county(as_owner)


def rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def test_a_seat_sees_the_relations_of_its_own_unit_only(bare: Bare) -> None:
    with log.collecting(), access.acting_as(bare.ticket("doctor_a")):
        assert rows("select subject_id, unit_id, live from access.related") == [(bare.subject, bare.a, True)]
    with log.collecting(), access.acting_as(bare.ticket("doctor_b")):
        assert rows("select * from access.related") == []


def test_a_relation_that_has_ended_is_no_longer_live(bare: Bare, admin: Any) -> None:
    admin.execute("update access_grant set starts = starts - 9, ends = current_date - 2")
    with log.collecting(), access.acting_as(bare.ticket("doctor_a")):
        assert rows("select live from access.related") == [(False,)]


@pytest.mark.parametrize("view", ["access.related", "access.held"])
def test_outside_the_door_the_views_answer_nobody(bare: Bare, view: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows(f"select * from {view}")


@pytest.mark.parametrize("view", ["related", "held"])
def test_the_views_are_barriers_owned_by_the_finder(database: str, admin: Any, view: str) -> None:
    [(owner, options)] = admin.execute(
        "select c.relowner::regrole::text, c.reloptions from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = 'access' and c.relname = %s", [view],
    ).fetchall()  # fmt: skip
    assert (owner, options) == ("ygt_finder", ["security_barrier=true"])


def test_what_is_asked_once_is_asked_again_after_a_change_and_by_another_seat(bare: Bare) -> None:
    asked: list[int] = []

    @once
    def ask(number: int) -> int:
        asked.append(number)
        return number

    with log.collecting(), access.acting_as(bare.ticket("doctor_a")):
        assert (ask(1), ask(1), ask(2)) == (1, 1, 2)
        forget()
        ask(1)
    assert asked == [1, 2, 1]
    with log.collecting(), access.acting_as(bare.ticket("doctor_b")):
        ask(1)
    ask(1)
    ask(1)
    assert asked == [1, 2, 1, 1, 1, 1]
