"""The partitioned log, its functions and who may call them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("access", "0002_functions")]

    operations = [
        migrations.RunSQL((SQL / "audit.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "grants.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
