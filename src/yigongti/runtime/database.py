"""The roles, the database and its extensions; and whether its schema is up to date, without starting Django."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from yigongti.runtime.instance import ACTOR, FINDER, LOGIN, OWNER, PACKAGE, Instance
from yigongti.runtime.loading import settings

EXTENSIONS = ("pg_trgm", "btree_gist")
_ONE_AT_A_TIME = 0x59475401  # "YGT" 1: the advisory lock of whoever sets up roles


class DatabaseError(RuntimeError):
    """The server refuses what we need; the message says in Chinese what to do."""


def prepare_database(admin_dsn: str, login_password: str, database: str) -> None:
    """Make the four roles, the database and its extensions; every part only when it is missing. Repeatable.

    ``admin_dsn`` connects to any database of the server as a user that may create roles and databases. Afterwards:

    * ``ygt_owner`` (NOLOGIN) owns the database and the schema; the administrator may act as it;
    * ``ygt_login`` (LOGIN, NOINHERIT) owns nothing, is granted no table, and may ``SET ROLE ygt_actor``;
    * ``ygt_actor`` (NOLOGIN) and ``ygt_finder`` (NOLOGIN) receive their grants from the fence's migrations.

    None of them is a superuser or bypasses row security. Raises DatabaseError when the user may not do this.
    """
    try:
        with psycopg.connect(admin_dsn, autocommit=True) as connection:
            # Roles belong to the whole server: two commands at once would trip over each other's rows of the catalogue.
            connection.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
            _make_roles(connection, login_password)
            _make_database(connection, database)
            inside = psycopg.conninfo.make_conninfo(admin_dsn, dbname=database)
            with psycopg.connect(inside, autocommit=True) as there:
                _make_schema(there, database)
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"数据库用户没有建立角色或数据库的权限（{error.diag.message_primary}）。"
            "请在 DATABASE_URL 中使用具有 CREATEROLE 和 CREATEDB 权限的用户，或由管理员先执行。"
        ) from error


def _make_roles(connection: psycopg.Connection, login_password: str) -> None:
    wanted = {
        OWNER: "nologin noinherit",
        LOGIN: "login noinherit",
        ACTOR: "nologin",
        FINDER: "nologin",
    }
    there = {row[0] for row in connection.execute("select rolname from pg_roles where rolname like 'ygt%'")}
    safe = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
    for role, kind in wanted.items():
        if role not in there:
            connection.execute(sql.SQL(f"create role {{}} {kind}").format(sql.Identifier(role)))
        if connection.execute(
            "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb from pg_roles where rolname = %s", [role]
        ).fetchone() != (False,):
            connection.execute(sql.SQL(f"alter role {{}} {safe}").format(sql.Identifier(role)))
    connection.execute(
        sql.SQL("alter role {} with {} password {}").format(
            sql.Identifier(LOGIN), sql.SQL(wanted[LOGIN]), sql.Literal(login_password)
        )
    )
    connection.execute(sql.SQL("alter role {} set search_path = public").format(sql.Identifier(LOGIN)))
    me = connection.execute("select current_user").fetchone()
    assert me is not None
    for member, role in ((LOGIN, ACTOR), (OWNER, FINDER), (me[0], OWNER), (me[0], FINDER)):
        connection.execute(sql.SQL("grant {} to {}").format(sql.Identifier(role), sql.Identifier(member)))


def _make_database(connection: psycopg.Connection, database: str) -> None:
    """The database, owned by ygt_owner; one that somebody made for us beforehand is taken over."""
    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    row = connection.execute(
        "select pg_get_userbyid(datdba) from pg_database where datname = %s", [database]
    ).fetchone()
    if row is None:
        connection.execute(
            sql.SQL("create database {} owner {} encoding 'UTF8' template template0").format(name, owner)
        )
    elif row[0] != OWNER:
        connection.execute(sql.SQL("alter database {} owner to {}").format(name, owner))


def _make_schema(connection: psycopg.Connection, database: str) -> None:
    """Extensions and the grants on database and schema, each as the role that owns the thing.

    The administrator need not be a superuser, and ygt_owner inherits nothing, so roles are taken on in so many words.
    """
    for extension in EXTENSIONS:
        connection.execute(
            sql.SQL("create extension if not exists {} with schema public").format(sql.Identifier(extension))
        )
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(OWNER),
        "login": sql.Identifier(LOGIN),
        "actor": sql.Identifier(ACTOR),
        "finder": sql.Identifier(FINDER),
    }
    for statement in (
        "set role {owner}",
        "revoke all on database {database} from public",
        "grant connect, temporary on database {database} to {owner}",
        "grant connect on database {database} to {login}",
        "set role pg_database_owner",
        "revoke all on schema public from public",
        "grant usage, create on schema public to {owner}",
        "grant usage on schema public to {login}, {actor}, {finder}",
        "reset role",
    ):
        connection.execute(sql.SQL(statement).format(**names))


# ---- schema --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Schema:
    """The fingerprint of all migrations in the code, and the one that was last applied here."""

    wanted: str
    applied: str

    @property
    def current(self) -> bool:
        return self.wanted == self.applied


def fingerprint() -> str:
    """SHA-256 over every migration file and SQL file of the house and the job queue's version."""
    from importlib.metadata import version

    digest = hashlib.sha256(f"procrastinate {version('procrastinate')}\n".encode())
    files = [*PACKAGE.rglob("migrations/*.py"), *PACKAGE.rglob("*.sql")]
    for path in sorted(files):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def schema(instance: Instance) -> Schema:
    """Compare the code's migrations with the stamp of the last migration into this very database."""
    applied = ""
    try:
        stamp = json.loads((instance.run_dir / "migrated.json").read_text())
        if stamp["database"] == _identity(instance):
            applied = stamp["fingerprint"]
    except (FileNotFoundError, ValueError, KeyError):
        pass
    return Schema(fingerprint(), applied)


def migrate(instance: Instance) -> bool:
    """Bring the schema up to date in a process of its own, as the owner; False when it already was.

    Raises DatabaseError with the end of the output when a migration fails; what it did is rolled back by PostgreSQL.
    """
    state = schema(instance)
    if state.current:
        return False
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.manage", "migrate", "--noinput", "--verbosity=1", "--skip-checks"],
        capture_output=True, text=True, env=owner_environment(instance),
    )  # fmt: skip
    if done.returncode:
        log = instance.log_dir / "migrate.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr)
        told = "\n".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        raise DatabaseError(f"数据库结构升级失败，这一步已撤销；全文在 {log}：\n{told}")
    _settle_roles(instance)
    stamp(instance)
    return True


def stamp(instance: Instance) -> None:
    """Note that this very database has the code's schema."""
    instance.run_dir.mkdir(parents=True, exist_ok=True)
    stamp_path(instance).write_text(json.dumps({"database": _identity(instance), "fingerprint": fingerprint()}))


def _settle_roles(instance: Instance) -> None:
    """A new version may know other roles and rights: bring an existing county's to them."""
    done = subprocess.run(
        [sys.executable, "-m", "yigongti.runtime.manage", "syncroles", "--skip-checks"],
        capture_output=True, text=True, env=owner_environment(instance),
    )  # fmt: skip
    if done.returncode:
        told = "\n".join((done.stderr or done.stdout).strip().splitlines()[-4:])
        raise DatabaseError(f"角色未能更新到本版本：\n{told}")


def owner_environment(instance: Instance) -> dict[str, str]:
    """The environment of a process that acts as the schema's owner."""
    return {
        **os.environ,
        "YIGONGTI_DATA": str(instance.home),
        "YGT_ROLE": "owner",
        "DJANGO_SETTINGS_MODULE": settings(),
    }


def _identity(instance: Instance) -> str:
    """Which database this is: the server's own identifier and the database's object id."""
    with psycopg.connect(instance.dsn(admin=True)) as connection:
        row = connection.execute("select oid::text from pg_database where datname = current_database()").fetchone()
        try:
            with connection.transaction():
                server = connection.execute("select system_identifier::text from pg_control_system()").fetchone()
        except psycopg.errors.InsufficientPrivilege:
            server = (instance.address().host,)
    return f"{server[0] if server else ''}/{row[0] if row else ''}"


def stamp_path(instance: Instance) -> Path:
    """Where the stamp of the last migration lies."""
    return instance.run_dir / "migrated.json"
