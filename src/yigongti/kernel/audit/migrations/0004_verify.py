"""The functions that the checker of the log reads through."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_fence")]

    operations = [migrations.RunSQL((SQL / "verify.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
