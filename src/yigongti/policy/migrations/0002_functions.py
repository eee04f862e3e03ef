"""The functions that every process reads the amendments through, and the guards of decided rows and kept sets."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial"), ("access", "0003_fence")]

    operations = [
        migrations.RunSQL((SQL / "functions.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
