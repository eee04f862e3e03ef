"""Claims, settlements and adjustments are never changed (sql/immutable.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "immutable.sql"
UNDO = "drop function public.fund_immutable() cascade"


class Migration(migrations.Migration):
    dependencies = [("fund", "0002_fence")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
