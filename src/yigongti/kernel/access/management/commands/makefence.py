"""Write the numbered migration that puts an app's tables behind their declared fences (`makefence <app>`)."""

from __future__ import annotations

import re
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
        lines = "".join(f"    {sql!r},\n" for sql in statements(label))
        body = HEAD.format(label=label) + lines + TAIL.format(dependencies=dependencies)
        (folder / f"{name}.py").write_text(body, encoding="utf-8")
        self.stdout.write(f"{label}: migrations/{name}.py")
