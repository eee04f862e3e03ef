"""What is signed stays as it was signed; heads, served population and closed referrals as numbers only."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0013_pool")]

    operations = [
        migrations.RunSQL((SQL / "pool.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
