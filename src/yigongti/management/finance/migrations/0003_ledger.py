"""Numbers, balance and finality of what is posted (sql/ledger.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "ledger.sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0002_fence")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "drop schema finance cascade")]
