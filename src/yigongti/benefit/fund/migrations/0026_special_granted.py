"""What reviews granted, as numbers only, for the sandbox."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0025_fence")]

    operations = [
        migrations.RunSQL((SQL / "special_granted.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
