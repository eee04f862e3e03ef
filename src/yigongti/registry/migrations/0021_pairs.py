"""Pairs that look alike are found by gathering blocks in one pass each; joining blocks to everybody ran out of time."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0020_same_person")]

    operations = [migrations.RunSQL((SQL / "persons.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
