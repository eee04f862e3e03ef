"""A search finds other readings of a name by home and township, too (sql/sounded.sql); it read those of the whole county before."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("registry", "0028_fence")]

    operations = [
        migrations.RunSQL((SQL / "sounded.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "persons.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
