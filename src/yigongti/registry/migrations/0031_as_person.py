"""What a person has as a person ends by one function, and either side of a delegation is told (sql/as_person.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0011_fence"), ("case", "0007_notice_without_case"), ("registry", "0030_own_seat")]

    operations = [migrations.RunSQL((SQL / "as_person.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
