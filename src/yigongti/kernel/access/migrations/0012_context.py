"""Who acts is read and its signature tried in one function (sql/context.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0011_fence")]

    operations = [migrations.RunSQL((SQL / "context.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
