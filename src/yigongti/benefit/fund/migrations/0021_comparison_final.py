"""A saved comparison is never changed (sql/comparison.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "comparison.sql"
UNDO = "drop function public.fund_comparison_final() cascade"


class Migration(migrations.Migration):
    dependencies = [("fund", "0020_fence")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
