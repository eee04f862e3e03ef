"""The engine: lists as one array, a connection that is asked nothing while it lives."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.support.people import Bare, bare_county

from yigongti.kernel.access.door import acting_as
from yigongti.kernel.access.models import Seat, Unit


@pytest.fixture
def bare(database: object, as_owner: object) -> Bare:
    return bare_county(as_owner)


def sql_of(rows: Any) -> tuple[str, tuple[Any, ...]]:
    made: tuple[str, tuple[Any, ...]] = rows.query.get_compiler("default").as_sql()
    return made


def test_a_list_is_one_parameter_however_long_it_is(bare: Bare) -> None:
    short, _ = sql_of(Unit.objects.filter(pk__in=[1, 2]))
    long, parameters = sql_of(Unit.objects.filter(pk__in=range(50)))
    assert short == long and parameters == (list(range(50)),)


def test_lists_of_numbers_words_and_relations_find_what_one_by_one_finds(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")):
        assert set(Unit.objects.filter(pk__in=[bare.a, bare.b, None])) == set(Unit.objects.filter(pk=bare.a)) | set(
            Unit.objects.filter(pk=bare.b)
        )
        codes = list(Unit.objects.values_list("code", flat=True))
        assert Unit.objects.filter(code__in=codes).count() == len(codes)
        assert Unit.objects.exclude(code__in=codes).count() == 0
        seats = Seat.objects.filter(unit__in=[bare.a, bare.b])
        assert {seat.unit_id for seat in seats} == {bare.a, bare.b}
        assert Seat.objects.filter(unit__in=Unit.objects.filter(pk=bare.a)).exists()
        assert not Unit.objects.filter(pk__in=[]).exists()


def test_a_number_too_large_for_the_column_equals_nothing(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")):
        assert list(Unit.objects.filter(pk__in=[bare.a, 2**70]).values_list("pk", flat=True)) == [bare.a]


def test_a_live_connection_is_known_without_a_question_and_a_dead_one_is_not_taken_for_alive(bare: Bare) -> None:
    connection.ensure_connection()
    with CaptureQueriesContext(connection) as asked:
        assert connection.is_usable()
    assert len(asked) == 0
    other = connection.copy()
    other.ensure_connection()
    try:
        with connection.cursor() as cursor:
            assert other.is_usable()
            cursor.execute("select pg_terminate_backend(%s)", [other.connection.info.backend_pid])
            cursor.execute("select pg_sleep(0.3)")
        assert not other.is_usable()
    finally:
        other.close()
