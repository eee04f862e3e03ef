"""Search by every reading and by cards; pairs that look alike; separating two persons; reading a card."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_fence")]

    operations = [
        migrations.RunSQL((SQL / "persons.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
