"""Where a person belonged on a day, for a claim that comes late (sql/residence.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0026_special_granted"), ("registry", "0026_never_moved")]

    operations = [migrations.RunSQL((SQL / "residence.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
