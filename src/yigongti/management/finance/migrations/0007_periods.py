"""Closed months take no voucher; red letters stand only in reversals (sql/periods.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "periods.sql"


class Migration(migrations.Migration):
    dependencies = [("finance", "0006_fence")]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
