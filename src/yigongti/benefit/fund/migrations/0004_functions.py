"""What the counter must know beyond its own rows (sql/functions.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql" / "functions.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("fund", "0003_immutable"),
        ("access", "0005_held"),
        ("referral", "0004_fence"),
        ("registry", "0001_initial"),
    ]

    operations = [migrations.RunSQL(SQL.read_text(encoding="utf-8"), "drop schema fund cascade")]
