"""The roles and the database, made once and repeatable."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection
from tests.support.cluster import Cluster

from yigongti.runtime.database import prepare_database


def test_preparing_twice_changes_nothing(database: str, cluster: Cluster) -> None:
    instance = cluster.instance
    for _ in range(2):
        prepare_database(instance.dsn(admin=True, database="postgres"), instance.secret("postgres-login"), database)
    with psycopg.connect(instance.dsn(admin=True, database=database)) as admin:
        roles = admin.execute(
            "select rolname, rolcanlogin, rolinherit, rolsuper or rolbypassrls from pg_roles"
            " where rolname ~ '^ygt_(owner|login|actor|finder)$' order by 1"
        ).fetchall()
    assert roles == [
        ("ygt_actor", False, True, False),
        ("ygt_finder", False, True, False),
        ("ygt_login", True, False, False),
        ("ygt_owner", False, False, False),
    ]


@pytest.mark.database
def test_django_connects_as_the_login_role_that_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, has_schema_privilege('public', 'create')")
        assert cursor.fetchone() == ("ygt_login", False)
        cursor.execute("set role ygt_actor")
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("ygt_actor",)


@pytest.mark.database
@pytest.mark.parametrize("role", ["ygt_owner", "ygt_finder"])
def test_the_login_role_cannot_become_owner_or_finder(role: str) -> None:
    from django.db import ProgrammingError

    with connection.cursor() as cursor, pytest.raises(ProgrammingError):
        cursor.execute(f"set role {role}")


def test_the_owner_mode_acts_as_owner(database: str, as_owner) -> None:  # type: ignore[no-untyped-def]
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("ygt_owner",)
    with connection.cursor() as cursor:
        cursor.execute("select current_user")
        assert cursor.fetchone() == ("ygt_login",)


def test_many_commands_at_once_do_not_trip_over_the_servers_roles(cluster: Cluster, fresh_database: Any) -> None:
    """Without the lock one of two commands now and then ended with “tuple concurrently updated”."""
    name = fresh_database()
    dsn = cluster.instance.dsn(admin=True, database="postgres")
    password = cluster.instance.secret("postgres-login")
    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(prepare_database, dsn, password, name) for _ in range(32)]:
            done.result()
