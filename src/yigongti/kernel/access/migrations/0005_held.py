"""Accounts that must first be put in order enter without rights."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("access", "0004_related")]

    operations = [
        migrations.AddField(
            "role", "second_factor",
            models.BooleanField(default=False, help_text="its accounts need one before they may do anything"),
        ),
        migrations.RunSQL((SQL / "held.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]  # fmt: skip
