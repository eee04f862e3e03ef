"""What commands that need the database share: a running server and Django, as owner or as the login role."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from yigongti.runtime import database, lock
from yigongti.runtime.cli.errors import CommandError
from yigongti.runtime.instance import Instance
from yigongti.runtime.keys import KeysMissing, ensure_keys
from yigongti.runtime.loading import load
from yigongti.runtime.postgres import PostgresError, Server

STARTING_SECONDS = 60


@contextmanager
def house(*, owner: bool = False) -> Iterator[Instance]:
    """Django, set up against a database that answers and whose schema is current.

    Uses the running server of the instance; when none runs, starts one and stops it afterwards. ``owner`` connects as
    the schema's owner (bulk work); else as ``ygt_login``, which sees nothing outside the door.
    Raises CommandError when there is no database yet or it can't be reached.
    """
    instance = Instance.from_environment().create()
    with answering(instance):
        try:
            database.prepare_database(
                instance.dsn(admin=True, database=os.environ.get("YGT_MAINTENANCE_DATABASE", "postgres")),
                instance.secret("postgres-login"),
                instance.address().database,
            )
            if "YGT_TEST_HOME" not in os.environ:
                database.migrate(instance)
            ensure_keys(instance)
        except (database.DatabaseError, KeysMissing) as error:
            raise CommandError(str(error)) from error
        django_setup(instance, owner=owner)
        try:
            yield instance
        finally:
            from django.db import connections

            connections.close_all()


def django_setup(instance: Instance, *, owner: bool = False) -> None:
    """Point Django at the instance and set it up."""
    os.environ["YIGONGTI_DATA"] = str(instance.home)
    if owner:
        os.environ["YGT_ROLE"] = "owner"
    load()


@contextmanager
def answering(instance: Instance) -> Iterator[None]:
    """A database that answers: the running one, or one that is started for us and stopped afterwards."""
    if answers(instance):
        yield
        return
    if instance.external_url:
        raise CommandError("DATABASE_URL 指向的数据库没有应答。请检查地址、端口和网络。")
    until = time.monotonic() + STARTING_SECONDS
    while True:
        try:
            with lock.held(instance), Server(instance):
                yield
                return
        except PostgresError as error:
            raise CommandError(str(error)) from error
        except lock.Held as error:  # a platform that is just starting: its database answers in a moment
            if time.monotonic() > until:
                raise CommandError(str(error)) from error
        time.sleep(0.2)
        if answers(instance):
            yield
            return


def answers(instance: Instance) -> bool:
    """Does the instance's server accept the administrator?"""
    try:
        name = os.environ.get("YGT_MAINTENANCE_DATABASE", "postgres")
        psycopg.connect(instance.dsn(admin=True, database=name)).close()
    except psycopg.OperationalError:
        return False
    return True
