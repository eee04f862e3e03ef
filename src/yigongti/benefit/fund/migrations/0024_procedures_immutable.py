"""A table of kinds of procedures is never changed (sql/procedures.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "procedures.sql"
UNDO = "drop trigger fund_procedures_immutable on public.fund_proceduretable"


class Migration(migrations.Migration):
    dependencies = [("fund", "0023_procedures")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
