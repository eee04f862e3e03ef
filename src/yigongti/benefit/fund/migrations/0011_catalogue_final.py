"""Catalogues, once trained, change only by being published (sql/catalogue.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "catalogue.sql"
UNDO = "drop function public.fund_catalogue_final() cascade"


class Migration(migrations.Migration):
    dependencies = [("fund", "0010_catalogue")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), UNDO)]
