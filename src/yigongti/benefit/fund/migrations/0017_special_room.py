"""How many stays a consortium had and how many are under special review, as numbers only."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0016_special")]

    operations = [
        migrations.RunSQL((SQL / "special.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
