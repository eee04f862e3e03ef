"""Person search, owned by the finder, and who may call it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"

SCHEMA = """
create schema if not exists registry;
grant usage on schema registry to ygt_actor, ygt_finder;
grant create on schema registry to ygt_finder;
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0001_initial"), ("access", "0003_fence")]

    operations = [
        migrations.RunSQL(SCHEMA, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "search.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "grants.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
