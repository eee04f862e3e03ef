"""A move that was taken back leaves no time behind (sql/never_moved.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0025_fence")]

    operations = [migrations.RunSQL((SQL / "never_moved.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
