"""The view through which policies ask for the relations of the seat's own units."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "related.sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0003_fence")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "drop view access.related")]
