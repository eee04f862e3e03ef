"""The view of taken slots (sql/taken.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "taken.sql"


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_initial"), ("access", "0005_held")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "drop view access.taken")]
