"""Every released schema, with its rows, becomes today's: the same catalogue as a new one, nothing lost on the way."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections

from tests import conftest as base
from tests.drill.releases.make import FOLDER, LIMIT
from tests.support.cluster import TEMPLATE, Cluster
from yigongti.kernel import crypto
from yigongti.kernel.audit import seal
from yigongti.runtime import backup
from yigongti.runtime.database import prepare_database

RELEASES = sorted(path.name.removesuffix(".sql.gz") for path in FOLDER.glob("*.sql.gz"))

CATALOGUE = {
    "columns": "select table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')"
    " || coalesce(is_identity, '') || coalesce(generation_expression, '') from information_schema.columns"
    " where table_schema = 'public' and table_name !~ '^audit_entry_\\d'",
    "constraints": "select conrelid::regclass || ' ' || pg_get_constraintdef(oid), contype::text from pg_constraint"
    " where connamespace = 'public'::regnamespace and conrelid::regclass::text !~ '^audit_entry_\\d'",
    "indexes": "select tablename || ' ' || regexp_replace(indexdef, ' INDEX \\S+ ', ' '), '' from pg_indexes"
    " where schemaname = 'public' and tablename !~ '^audit_entry_\\d'",
    "policies": "select tablename || '.' || policyname, cmd || roles::text || coalesce(qual, '') || coalesce(with_check, '')"
    " from pg_policies",
    "fence": "select relname, relrowsecurity::text || relforcerowsecurity::text from pg_class"
    " where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname !~ '^audit_entry_\\d'",
    "grants": "select c.relname || ' ' || a.grantee::regrole::text || ' ' || a.privilege_type, '' from pg_class c,"
    " aclexplode(c.relacl) a where c.relnamespace = 'public'::regnamespace and c.relname !~ '^audit_entry_\\d'"
    " and a.grantee <> 0 and a.grantee::regrole::text like 'ygt%' and a.grantee::regrole::text <> 'ygt_admin'",
    "functions": "select p.oid::regprocedure::text, pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '') from pg_proc p"
    " join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('access', 'audit', 'public') and p.prokind = 'f'"
    " and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')",
    "triggers": "select tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
}


def catalogue(line: psycopg.Connection) -> dict[str, dict[str, str]]:
    return {what: dict(line.execute(query).fetchall()) for what, query in CATALOGUE.items()}  # type: ignore[arg-type, call-overload]


@pytest.fixture
def released(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[tuple[str, dict[str, Any]]]:
    """A database with a release's schema and rows; its name and what was noted of it."""
    version, name = request.param, f"ygt_t_release_{os.getpid()}"
    cluster.template()  # the roles
    prepare_database(
        cluster.instance.dsn(admin=True, database="postgres"), cluster.instance.secret("postgres-login"), name
    )
    try:
        os.environ["YGT_DATABASE"] = name
        done = subprocess.run(
            [backup.client_program(cluster.instance, "psql"), *backup.client_options(cluster.instance), "-Xq1",
             "-v", "ON_ERROR_STOP=1"],
            input=gzip.decompress((FOLDER / f"{version}.sql.gz").read_bytes()), capture_output=True,
            env=backup.client_environment(cluster.instance),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()[-2000:]
        yield name, json.loads((FOLDER / f"{version}.json").read_text())
    finally:
        os.environ["YGT_DATABASE"] = base._NOWHERE
        cluster.drop(name)


def test_there_is_a_release_to_upgrade_from_and_each_is_small() -> None:
    assert RELEASES
    assert max(path.stat().st_size for path in FOLDER.glob("*.sql.gz")) < LIMIT


@pytest.mark.parametrize("released", RELEASES, indirect=True)
def test_a_released_schema_becomes_todays_with_every_row(
    released: tuple[str, dict[str, Any]], cluster: Cluster, tmp_path: Path
) -> None:
    name, noted = released
    started = time.monotonic()
    for words in (("migrate", "--noinput", "-v0", "--skip-checks"), ("syncroles", "--skip-checks")):
        cluster.run_as_owner(name, "-m", "yigongti.runtime.manage", *words)
    print(f"upgraded in {time.monotonic() - started:.1f} s")
    with (
        psycopg.connect(cluster.instance.dsn(admin=True, database=name), autocommit=True) as line,
        psycopg.connect(cluster.instance.dsn(admin=True, database=TEMPLATE), autocommit=True) as fresh,
    ):
        now = backup.count_tables(line)
        fewer = {table: (rows, now.get(table)) for table, rows in noted["tables"].items() if now.get(table, -1) < rows}
        assert fewer == {}, "rows before and after"
        upgraded, wanted = catalogue(line), catalogue(fresh)
        for what in CATALOGUE:
            differing = {key for key in upgraded[what].keys() | wanted[what].keys()
                         if upgraded[what].get(key) != wanted[what].get(key)}  # fmt: skip
            assert differing == set(), what
        (cipher,) = line.execute(
            "select id_cipher from registry_resident where id_cipher <> '' limit 1"
        ).fetchone() or ("",)
    keys = tmp_path / "fields.json"
    keys.touch(mode=0o600)
    keys.write_text(json.dumps(noted["keys"]))
    tmp_path.chmod(0o700)
    assert len(crypto.load_key_file(keys).decrypt(cipher, context="resident.id_number")) == 18
    anchor = tmp_path / "audit.json"
    anchor.write_text(json.dumps(noted["anchor"]))
    _as_owner(cluster, name)
    try:
        report = seal.verify(anchor, unsealed_seconds=10**9)
    finally:
        _as_nobody(cluster)
    assert report.good, report.findings
    assert report.entries == noted["anchor"]["position"] > 0


def _as_owner(cluster: Cluster, name: str) -> None:
    os.environ["YGT_ROLE"] = "owner"
    entry = cluster.instance.databases()
    for alias in ("default", "log"):
        connections[alias].close()
        connections[alias].settings_dict.update({**entry[alias], "NAME": name})


def _as_nobody(cluster: Cluster) -> None:
    del os.environ["YGT_ROLE"]
    entry = cluster.instance.databases()
    for alias in ("default", "log"):
        connections[alias].close()
        connections[alias].settings_dict.update({**entry[alias], "NAME": base._NOWHERE})
