"""Who looked at a subject, found by index."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_verify")]

    operations = [migrations.RunSQL((SQL / "about.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
