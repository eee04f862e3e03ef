"""A person who moves is given to whoever is responsible for the new place."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0017_fence")]

    operations = [
        migrations.RunSQL((SQL / "relocate.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
