"""Finding the statements of an outage costs nothing, however long the log is."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0006_outage")]

    operations = [
        migrations.RunSQL(
            (SQL / "outage_index.sql").read_text(encoding="utf-8"), "drop index if exists audit_entry_outage"
        )
    ]
