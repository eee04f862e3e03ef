"""A death ends what family looks after, and gives it back when it was registered in error."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0009_fence"), ("registry", "0022_relation")]

    operations = [migrations.RunSQL((SQL / "family.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
