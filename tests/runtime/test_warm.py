"""A database that is handed from test to test is as it was planted, or it is another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from tests.support import warm
from tests.support.cluster import Cluster

COUNT = "select count(*), max(name) from django_migrations"


@pytest.fixture
def borrowed(cluster: Cluster) -> Iterator[Callable[[], warm.Warm]]:
    """Lend the migrated database again and again; what was lent before is given back first."""
    template, lent = cluster.template(), []

    def lend() -> warm.Warm:
        while lent:
            warm.take_back(template, lent.pop())
        lent.append(warm.lend(cluster, template))
        return lent[0]

    yield lend
    while lent:
        warm.take_back(template, lent.pop())


def connected(cluster: Cluster, one: warm.Warm) -> psycopg.Connection:
    return psycopg.connect(cluster.instance.dsn(admin=True, database=one.name), autocommit=True)


def test_what_a_test_wrote_changed_and_removed_is_as_it_was(
    cluster: Cluster, borrowed: Callable[[], warm.Warm]
) -> None:
    one = borrowed()
    with connected(cluster, one) as line:
        before = line.execute(COUNT).fetchone()
        line.execute("insert into django_migrations (app, name, applied) values ('test', 'zzz', now())")
        line.execute("update django_migrations set name = 'other' where id = (select min(id) from django_migrations)")
        line.execute("delete from django_migrations where id = (select max(id) - 1 from django_migrations)")
        assert line.execute(COUNT).fetchone() != before
        written = one.differences()
    assert any("django_migrations:" in told for told in written)
    assert "django_migrations_id_seq" in written
    again = borrowed()
    assert again is one
    assert again.differences() == []
    with connected(cluster, again) as line:
        assert line.execute(COUNT).fetchone() == before


def test_only_new_rows_are_taken_out_where_nothing_else_was_written(
    cluster: Cluster, borrowed: Callable[[], warm.Warm]
) -> None:
    one = borrowed()
    for _ in range(2):
        with connected(cluster, one) as line:
            line.execute("insert into django_migrations (app, name, applied) values ('test', 'zzz', now())")
        assert borrowed() is one
        assert one.differences() == []


@pytest.mark.parametrize(
    "statement",
    [
        "alter table case_case disable row level security",
        "drop policy if exists nobody on case_case; create policy nobody on case_case using (false)",
        "truncate django_migrations",
        "create table more (id int)",
        "create function more() returns int language sql as 'select 1'",
        "alter sequence django_migrations_id_seq increment by 2",
        "analyze django_migrations",
    ],
)
def test_where_a_catalogue_was_written_the_next_test_has_another(
    cluster: Cluster, borrowed: Callable[[], warm.Warm], statement: str
) -> None:
    one = borrowed()
    with connected(cluster, one) as line:
        line.execute(statement)
    assert borrowed() is not one


def test_where_somebody_stays_connected_the_next_test_has_another(
    cluster: Cluster, borrowed: Callable[[], warm.Warm]
) -> None:
    one = borrowed()
    with connected(cluster, one):
        assert borrowed() is not one


def test_a_kept_connection_is_nobody_who_was_left_behind(cluster: Cluster, borrowed: Callable[[], warm.Warm]) -> None:
    one = borrowed()
    with connected(cluster, one) as line:
        warm._idle["default", one.name] = line
        assert borrowed() is one
    del warm._idle["default", one.name]


def test_two_at_once_are_two(cluster: Cluster, borrowed: Callable[[], warm.Warm]) -> None:
    one, template = borrowed(), cluster.template()
    other = warm.lend(cluster, template)
    assert other.name != one.name
    warm.take_back(template, other)


def test_what_a_session_was_set_to_is_not_what_the_next_test_finds(database: str, cluster: Cluster) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("set lock_timeout = '123ms'")
        backend = connection.connection.info.backend_pid
    kept = warm._let_go("default", database)
    assert kept is not None
    warm._idle.update([kept])
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('lock_timeout')")
        assert cursor.fetchone() == ("10s",)
    assert connection.connection.info.backend_pid == backend
