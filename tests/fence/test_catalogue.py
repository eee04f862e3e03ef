"""What PostgreSQL really enforces is what the models declare, and nobody holds a privilege that nobody declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module

import psycopg
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from yigongti.kernel.access.fence import ACTOR, FINDER, Policy, policies_of, policy_sql
from yigongti.kernel.access.models import Fenced

pytestmark = pytest.mark.database
MACHINERY = ("django_migrations", "django_content_type")
"""Tables of the framework that hold nothing of anybody."""
QUEUE = "procrastinate_"
ROLES = ("ygt_owner", "ygt_login", "ygt_actor", "ygt_finder")


def tables(admin: psycopg.Connection) -> list[tuple[str, bool, bool]]:
    """Every table of the product, partitions too: name, row security enabled, forced."""
    return [
        row
        for row in admin.execute(
            "select c.relname, c.relrowsecurity, c.relforcerowsecurity from pg_class c join pg_namespace n on"
            " n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        if row[0] not in MACHINERY and not row[0].startswith(QUEUE)
    ]


def fenced() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if getattr(model, "fence", None) is not None]


def declared() -> Iterator[Policy]:
    """The policies that models and EXTRA_POLICIES stand for now."""
    for model in fenced():
        yield from policies_of(model._meta.db_table, model.fence)  # type: ignore[attr-defined]
    for config in apps.get_app_configs():
        if config.models_module is not None:
            yield from getattr(import_module(f"{config.name}.models"), "EXTRA_POLICIES", ())


def test_every_table_of_ours_has_row_security_enabled_and_forced(admin: psycopg.Connection) -> None:
    found = tables(admin)
    assert len(found) > 25
    assert [name for name, enabled, forced in found if not (enabled and forced)] == []


def test_every_model_of_ours_declares_its_fence() -> None:
    ours = [m for m in apps.get_models() if m.__module__.startswith("yigongti.") and not m._meta.proxy]
    assert [m._meta.label for m in ours if getattr(m, "fence", None) is None] == []
    assert [m._meta.label for m in ours if not issubclass(m, Fenced)] == []


def test_every_table_belongs_to_the_owner_and_to_no_login(admin: psycopg.Connection) -> None:
    rows = admin.execute("select tablename, tableowner from pg_tables where schemaname = 'public'").fetchall()
    assert {owner for _, owner in rows} == {"ygt_owner"}


def test_the_policies_in_the_catalogue_are_the_declared_ones(admin: psycopg.Connection) -> None:
    """Each declaration is made again under another name; PostgreSQL's own text of both must be equal."""
    wanted = list(declared())
    assert len({(p.table, p.name) for p in wanted}) == len(wanted)
    read = (
        "select tablename, policyname, cmd, roles::text[], permissive, qual, with_check from pg_policies"
        " where schemaname = 'public'"
    )
    kept = {(row[0], row[1]): row[2:] for row in admin.execute(read).fetchall() if not row[0].startswith(QUEUE)}
    assert set(kept) == {(p.table, p.name) for p in wanted}
    with admin.transaction(force_rollback=True):
        for policy in wanted:
            admin.execute(f'drop policy "{policy.name}" on "{policy.table}"')
        for policy in wanted:
            admin.execute(policy_sql(policy)[1])
        again = {(row[0], row[1]): row[2:] for row in admin.execute(read).fetchall() if not row[0].startswith(QUEUE)}
    assert {key: value for key, value in kept.items() if again[key] != value} == {}


def test_no_policy_is_for_everybody_and_writing_is_always_checked(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select tablename, policyname, roles::text[], cmd, qual, with_check from pg_policies"
    ).fetchall()
    assert [row[:2] for row in rows if "public" in row[2]] == []
    assert {role for row in rows for role in row[2]} <= {ACTOR, FINDER}
    assert [row[:2] for row in rows if row[3] in ("INSERT", "UPDATE", "ALL") and not row[5]] == []
    assert [row[:2] for row in rows if ACTOR in row[2] and "true" in (row[4], row[5])] == []


def test_nobody_holds_a_privilege_on_a_table_beyond_the_declared_commands(admin: psycopg.Connection) -> None:
    wanted = {(p.table, p.role, p.command.upper()) for p in declared()}
    rows = admin.execute(
        "select c.relname, a.grantee::regrole::text, a.privilege_type, a.is_grantable from pg_class c join pg_namespace n"
        " on n.oid = c.relnamespace, aclexplode(c.relacl) a where n.nspname = 'public' and c.relkind in ('r', 'p', 'v')"
        " and a.grantee <> c.relowner"
    ).fetchall()
    ours = {(t, role, command) for t, role, command, _ in rows if not t.startswith((QUEUE, *MACHINERY))}
    assert ours == wanted
    assert not [row for row in rows if row[3]], "nobody may pass a privilege on"
    assert {role for t, role, _, _ in rows if t.startswith(QUEUE)} <= {"ygt_login", "ygt_actor"}
    columns = admin.execute(
        "select attrelid::regclass::text, attname from pg_attribute where attacl is not null and attrelid > 16384"
    ).fetchall()
    assert columns == []


def test_the_login_role_reaches_no_table_but_the_job_queue(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p', 'v')"
        " and n.nspname = 'public' and has_table_privilege('ygt_login', c.oid, 'select, insert, update, delete, truncate')"
    ).fetchall()
    assert {name for (name,) in rows if not name.startswith(QUEUE)} == set()


def test_the_roles_are_what_the_fence_needs_and_no_more(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolcanlogin, rolinherit, rolreplication"
        " from pg_roles where rolname like 'ygt\\_%'"
    ).fetchall()
    held = {row[0]: row[1:] for row in rows}
    for name in ROLES:
        super_, create_role, create_db, bypass, can_login, _, replication = held[name]
        assert not any((super_, create_role, create_db, bypass, replication)), name
        assert can_login == (name == "ygt_login"), name
    assert not held["ygt_login"][5], "NOINHERIT: the login role has what it takes on, nothing else"
    members = {
        (role, member)
        for role, member in admin.execute(
            "select roleid::regrole::text, member::regrole::text from pg_auth_members where roleid::regrole::text like 'ygt_%'"
        )
        if member in ROLES
    }
    assert members <= {("ygt_actor", "ygt_login"), ("ygt_finder", "ygt_owner")}, members


def test_the_finders_power_is_reached_through_its_functions_only(admin: psycopg.Connection) -> None:
    with admin.transaction(force_rollback=True):
        for role in ("ygt_login", "ygt_actor"):
            row = admin.execute(
                "select pg_has_role(%s, 'ygt_finder', 'usage'), pg_has_role(%s, 'ygt_finder', 'member')", [role, role]
            )
            assert row.fetchone() == (False, False)


def _functions(admin: psycopg.Connection) -> list[tuple[str, str, bool, list[str] | None, list[str]]]:
    """Our functions: signature, owner, whether they run as the owner, their settings, who may call them."""
    rows = admin.execute(
        "select p.oid::regprocedure::text, p.proowner::regrole::text, p.prosecdef, p.proconfig,"
        " array(select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end"
        "  from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.privilege_type = 'EXECUTE')"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('access', 'audit', 'registry', 'policy', 'public') and not exists"
        "  (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')"
    ).fetchall()
    return [row for row in rows if not row[0].startswith(QUEUE)]


def test_a_function_that_runs_as_its_owner_fixes_its_path_and_is_not_for_everybody(admin: psycopg.Connection) -> None:
    powerful = [row for row in _functions(admin) if row[2]]
    assert len(powerful) > 15
    for name, owner, _, config, callers in powerful:
        paths = [value for value in config or [] if value.startswith("search_path=")]
        assert paths, f"{name} has no fixed search path"
        first = paths[0].removeprefix("search_path=").split(",")[0].strip().strip('"')
        assert first == "pg_catalog", f"{name}: {paths}"
        assert "public" not in callers, f"{name} may be called by everybody"
        assert owner in (FINDER, "ygt_owner"), f"{name} runs as {owner}"


def test_functions_that_decide_who_acts_cannot_be_called_from_inside(admin: psycopg.Connection) -> None:
    """Signing, settling and computing a reach are the door's own: neither role reaches them directly."""
    inner = ("access.sign(", "access.settle(", "access.reach(")
    for name, _, _, _, callers in _functions(admin):
        if name.startswith(inner):
            assert not {"ygt_login", "ygt_actor", "public"} & set(callers), (name, callers)
    entering = [row for row in _functions(admin) if re.match(r"access\.(enter|open_session|switch_seat)", row[0])]
    assert entering
    for name, _, _, _, callers in entering:
        assert "ygt_actor" not in callers, name


def test_nobody_but_the_owner_can_make_objects_where_functions_look(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select nspname from pg_namespace where nspname in ('public', 'access', 'audit', 'registry', 'policy')"
        " and (has_schema_privilege('ygt_login', oid, 'create') or has_schema_privilege('ygt_actor', oid, 'create'))"
    ).fetchall()
    assert rows == []


def test_nobody_but_the_owner_can_make_temporary_tables_that_would_be_found_before_ours(
    admin: psycopg.Connection,
) -> None:
    """A temporary table precedes every path that does not name pg_temp: it would stand in for ours inside the door."""
    for role in ("ygt_login", "ygt_actor", "public"):
        row = admin.execute("select has_database_privilege(%s, current_database(), 'temporary')", [role]).fetchone()
        assert row == (False,), role


def test_no_foreign_key_of_the_database_cascades(admin: psycopg.Connection) -> None:
    rows = admin.execute(
        "select conrelid::regclass::text, conname from pg_constraint where contype = 'f' and (confdeltype <> 'a' or"
        " confupdtype <> 'a') and conrelid::regclass::text not like 'procrastinate%'"
    ).fetchall()
    assert rows == []


def test_no_model_cascades_a_deletion_into_another_table() -> None:
    found = [
        f"{model._meta.label}.{field.name}"
        for model in fenced()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.DO_NOTHING
    ]
    assert found == []


def test_outside_the_door_a_query_on_any_model_raises_instead_of_returning_nothing() -> None:
    for model in fenced():
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            list(model._default_manager.all()[:1])
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            model._default_manager.count()


def test_outside_the_door_nothing_can_be_written_or_emptied() -> None:
    for model in fenced():
        table = model._meta.db_table
        for sql in (f'delete from "{table}"', f'truncate "{table}"', f'insert into "{table}" default values'):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(sql)


def test_the_catalogue_check_finds_a_changed_policy(admin: psycopg.Connection) -> None:
    """Control: a policy widened by hand is what the comparison is for."""
    admin.execute('alter policy "access_grant_select" on access_grant using (true)')
    with pytest.raises(AssertionError):
        test_the_policies_in_the_catalogue_are_the_declared_ones(admin)
    with pytest.raises(AssertionError):
        test_no_policy_is_for_everybody_and_writing_is_always_checked(admin)


def test_the_privilege_check_finds_a_grant_made_by_hand(admin: psycopg.Connection) -> None:
    admin.execute("grant delete on care_visit to ygt_actor")
    with pytest.raises(AssertionError):
        test_nobody_holds_a_privilege_on_a_table_beyond_the_declared_commands(admin)
