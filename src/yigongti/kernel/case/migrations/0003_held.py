"""The view through which policies ask whether a subject is in the acting seat's own hands."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "held.sql"


class Migration(migrations.Migration):
    dependencies = [("case", "0002_fence"), ("access", "0004_related")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "drop view access.held")]
