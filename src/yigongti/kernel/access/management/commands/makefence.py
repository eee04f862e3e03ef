"""Write the numbered migration that puts an app's tables behind their declared fences (`makefence <app>`).

A migration says only what its app's earlier ones do not: the tables whose fence is new or has changed, each whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser

from yigongti.kernel.access.fence import app_sql

HEAD = '''"""Row policies of {label}, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
'''
TAIL = """]


class Migration(migrations.Migration):
    dependencies = [{dependencies}]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
"""


def statements(label: str) -> list[str]:
    """The SQL that an app's declarations stand for now."""
    config = apps.get_app_config(label)
    extra = getattr(import_module(f"{config.name}.models"), "EXTRA_POLICIES", ())
    return app_sql(list(config.get_models()), extra)


def by_table(sql: Iterable[str]) -> dict[str, list[str]]:
    """The statements of each table, in their order."""
    found: dict[str, list[str]] = {}
    for statement in sql:
        table = re.search(r'\b(?:table|on|sequence) "(\w+?)(?:_id_seq)?"', statement)
        assert table is not None, statement
        found.setdefault(table.group(1), []).append(statement)
    return found


def news(sql: Iterable[str], earlier: Mapping[str, list[str]]) -> list[str]:
    """What of *sql* differs from what stood *earlier*, table by table; policies that are no longer declared are dropped."""
    out: list[str] = []
    for table, said in by_table(sql).items():
        before = earlier.get(table, [])
        if said != before:
            out += [one for one in before if one.startswith("drop policy") and one not in said] + said
    return out


def said_before(package: str, names: Iterable[str]) -> dict[str, list[str]]:
    """What the fence migrations *names* say of each table, the latest word."""
    found: dict[str, list[str]] = {}
    for name in names:
        found |= by_table(getattr(import_module(f"{package}.migrations.{name}"), "SQL", ()))
    return found


class Command(BaseCommand):
    help = "Write the migration that (re)makes the row policies of an app from its declarations."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("app")
        parser.add_argument(
            "--replace", action="store_true", help="rewrite the newest fence migration (unreleased only)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        label = options["app"]
        config = apps.get_app_config(label)
        folder = Path(config.path) / "migrations"
        files = sorted(p.stem for p in folder.glob("[0-9]*.py"))
        fences = [name for name in files if name.endswith("_fence")]
        if options["replace"] and fences:
            name = fences[-1]
            before = files[: files.index(name)]
        else:
            before = files
            name = f"{int(files[-1][:4]) + 1 if files else 1:04d}_fence"
        dependencies = f'("{label}", "{before[-1]}")' if before else ""
        if (folder / f"{name}.py").exists():
            kept = re.search(r"dependencies = \[(.*)\]", (folder / f"{name}.py").read_text(encoding="utf-8"))
            dependencies = kept.group(1) if kept else dependencies
        sql = news(statements(label), said_before(config.name, (one for one in before if one in fences)))
        if not sql:
            self.stdout.write(f"{label}: 没有变化")
            return
        lines = "".join(f"    {one!r},\n" for one in sql)
        body = HEAD.format(label=label) + lines + TAIL.format(dependencies=dependencies)
        (folder / f"{name}.py").write_text(body, encoding="utf-8")
        self.stdout.write(f"{label}: migrations/{name}.py")
