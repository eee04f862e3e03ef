"""The sealer catches up after an outage, however long it was."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_about")]

    operations = [migrations.RunSQL((SQL / "outage.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
