"""What other consortia's catalogues say of their institutions: a resident treated there is paid by it (sql/coefficients_beside.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("fund", "0032_pass_by")]

    operations = [
        migrations.RunSQL((SQL / "coefficients_beside.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop)
    ]
