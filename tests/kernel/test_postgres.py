"""The engine: lists as one array, texts that are kept, a connection that is asked nothing while it lives."""

from __future__ import annotations

import time
from datetime import UTC
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.expressions import RawSQL
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from tests.support.people import Bare, bare_county

from yigongti.kernel import calendar
from yigongti.kernel.access.door import acting_as
from yigongti.kernel.access.models import Seat, Unit
from yigongti.kernel.form.models import Draft
from yigongti.kernel.postgres import compiler
from yigongti.kernel.postgres.shape import Shapeless


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
        until = time.monotonic() + 10
        while other.is_usable() and time.monotonic() < until:
            time.sleep(0.02)
        assert not other.is_usable()
    finally:
        other.close()


SHAPES: dict[str, Any] = {
    "equals": lambda n: Unit.objects.filter(pk=n),
    "excluded": lambda n: Unit.objects.exclude(pk=n),
    "larger": lambda n: Unit.objects.filter(pk__gt=n),
    "either": lambda n: Unit.objects.filter(Q(pk=n) | Q(parent_id=n)),
    "both": lambda n: Unit.objects.filter(Q(pk=n) & Q(parent_id=n)),
    "yes": lambda n: Unit.objects.filter(active=True, pk=n),
    "no": lambda n: Unit.objects.filter(active=False, pk=n),
    "null": lambda n: Unit.objects.filter(parent=None, pk=n),
    "not null": lambda n: Unit.objects.filter(parent__isnull=False, pk=n),
    "joined": lambda n: Seat.objects.filter(unit__parent_id=n),
    "joined left": lambda n: Unit.objects.filter(Q(parent__code=str(n)) | Q(pk=n)),
    "with": lambda n: Seat.objects.select_related("unit").filter(pk=n),
    "with more": lambda n: Seat.objects.select_related("unit", "role").filter(pk=n),
    "only": lambda n: Unit.objects.only("name").filter(pk=n),
    "defer": lambda n: Unit.objects.defer("name").filter(pk=n),
    "columns": lambda n: Unit.objects.filter(pk=n).values_list("name", "code"),
    "columns turned": lambda n: Unit.objects.filter(pk=n).values_list("code", "name"),
    "distinct": lambda n: Unit.objects.filter(pk__gt=n).values_list("code").distinct(),
    "by name": lambda n: Unit.objects.filter(pk=n).order_by("name"),
    "by name down": lambda n: Unit.objects.filter(pk=n).order_by("-name"),
    "nulls last": lambda n: Unit.objects.filter(pk=n).order_by(F("parent").desc(nulls_last=True)),
    "by words": lambda n: Unit.objects.filter(pk=n).order_by(RawSQL("access_unit.id > %s", [n + 1])),
    "cut": lambda n: Unit.objects.filter(pk=n)[:5],
    "cut later": lambda n: Unit.objects.filter(pk=n)[5:9],
    "begins": lambda n: Unit.objects.filter(name__startswith=f"%{n}"),
    "holds": lambda n: Unit.objects.filter(name__contains=f"_{n}"),
    "list": lambda n: Unit.objects.filter(pk__in=[n, n + 1], code="x"),
    "list of none": lambda n: Unit.objects.filter(Q(pk__in=[]) | Q(pk=n)),
    "not in nothing": lambda n: Unit.objects.exclude(pk__in=[]).filter(pk=n),
    "in those": lambda n: Seat.objects.filter(unit__in=Unit.objects.filter(parent_id=n)),
    "there is": lambda n: Unit.objects.filter(Exists(Seat.objects.filter(unit=OuterRef("pk"), pk=n))),
    "there is none": lambda n: Unit.objects.filter(~Exists(Seat.objects.filter(unit=OuterRef("pk"), pk=n))),
    "value beside": lambda n: Unit.objects.annotate(s=Subquery(Seat.objects.filter(unit=n).values("name")[:1])),
    "array": lambda n: Seat.objects.filter(role__rights__contains=[f"right.{n}"]),
    "column": lambda n: Unit.objects.filter(parent_id=F("region_id"), pk=n),
}  # fmt: skip


def test_a_kept_text_is_what_django_writes(bare: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control writes every text anew; the kept one must not differ, whatever the numbers, nor be another question's."""
    monkeypatch.setattr(compiler, "_kept", {})
    for number in (1, 2, 70_000, 2**40):
        for name, ask in SHAPES.items():
            kept = sql_of(ask(number))
            with monkeypatch.context() as without:
                without.setattr(compiler, "shape_of", _shapeless)
                written = sql_of(ask(number))
            assert (kept[0], list(kept[1])) == (written[0], list(written[1])), name


@pytest.mark.parametrize("name", SHAPES)
def test_what_pages_ask_is_kept(name: str, database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "_kept", {})
    sql_of(SHAPES[name](1))
    assert compiler._kept and None not in compiler._kept.values(), (
        "no shape, or values in another order: written each time"
    )
    monkeypatch.setattr(compiler.SQLCompiler, "_written", _unwritten)
    sql_of(SHAPES[name](2))


def test_a_question_that_can_find_nothing_is_not_asked_and_nothing_of_it_is_kept(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")), CaptureQueriesContext(connection) as asked:
        assert list(Unit.objects.filter(pk__in=[])) == [] and not Unit.objects.filter(pk__in=[], code="x").exists()
    assert not [one for one in asked.captured_queries if "access_unit" in one["sql"]]
    with acting_as(bare.ticket("doctor_a")):
        assert list(Unit.objects.filter(pk__in=[bare.a], code__gte="")) == [Unit.objects.get(pk=bare.a)]


def test_a_lock_outside_a_transaction_is_refused_although_its_text_is_kept(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")):
        sql_of(Unit.objects.select_for_update().filter(pk=1))
    with pytest.raises(TransactionManagementError):
        sql_of(Unit.objects.select_for_update().filter(pk=1))


def test_rows_read_by_a_kept_text_are_whole_objects(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")):
        for _ in range(3):
            seat = Seat.objects.select_related("unit", "role").filter(unit_id=bare.a).order_by("pk")[:1].get()
            assert seat.unit.pk == bare.a and isinstance(seat.role.rights, list) and not seat._state.adding
            few = Seat.objects.only("name").get(pk=seat.pk)
            assert few.get_deferred_fields() and few.name == seat.name and few.unit_id == bare.a


def test_a_row_sent_twice_is_written_once_and_the_transaction_goes_on(bare: Bare) -> None:
    with acting_as(bare.ticket("doctor_a")) as acting:
        told = {
            "account_id": acting.account_id,
            "form": "toy",
            "object": "x-1",
            "content": "",
            "saved_at": calendar.now(),
        }
        one, again = Draft(**told), Draft(**told)
        assert one.insert_once() and one.pk is not None
        assert not again.insert_once() and again.pk is None
        assert [row.pk for row in Draft.objects.filter(object="x-1")] == [one.pk]


def _shapeless(*_: object) -> None:
    raise Shapeless


def _unwritten(*_: object) -> None:
    raise AssertionError("written anew")


def test_moments_are_read_as_django_reads_them_also_in_pieces(bare: Bare) -> None:
    moments = RawSQL("case when id = %s then timestamptz '1890-05-05 12:00+08' else 'epoch' end", [bare.a])
    with acting_as(bare.ticket("doctor_a")):
        rows = Unit.objects.annotate(moment=moments).order_by("pk").values_list("pk", "moment")
        told = list(rows)
        assert told == list(rows.iterator(chunk_size=1))
    assert dict(told)[bare.a].isoformat() == "1890-05-05T04:00:00+00:00"
    assert {moment.tzinfo for _, moment in told} == {UTC}
