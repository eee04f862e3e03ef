"""Whom a claim is about, masked, for seats that read no entries of the index (sql/insured.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0028_typical")]

    operations = [migrations.RunSQL((SQL / "insured.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
