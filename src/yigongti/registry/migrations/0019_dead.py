"""Whoever books for a person may learn that they have died, and nothing else."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0018_relocate")]

    operations = [migrations.RunSQL((SQL / "dead.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
