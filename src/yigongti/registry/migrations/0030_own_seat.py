"""A death ends the person's own sign-in, and gives it back when it was registered in error."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0011_fence"), ("registry", "0029_sounded")]

    operations = [migrations.RunSQL((SQL / "own_seat.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)]
