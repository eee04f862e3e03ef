"""The guards of frozen scores."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("performance", "0001_initial")]

    operations = [
        migrations.RunSQL((SQL / "frozen.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
