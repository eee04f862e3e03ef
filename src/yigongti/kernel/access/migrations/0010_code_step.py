"""A code of the second factor is taken once."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0009_fence")]

    operations = [
        migrations.AddField(
            "account",
            "code_step",
            models.BigIntegerField(help_text="counter of the last TOTP code taken: none is taken twice", null=True),
        ),
        migrations.RunSQL((SQL / "code.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
