"""Medians of bills are of the newest stays of each level, found by an index of their own (sql/typical.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0027_residence")]

    operations = [migrations.RunSQL((SQL / "typical.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
