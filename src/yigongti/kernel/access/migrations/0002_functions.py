"""The door's functions, owned by the finder, and who may call them."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"

SCHEMA = """
create schema if not exists access;
grant usage on schema access to ygt_login, ygt_actor, ygt_finder;
grant create on schema access to ygt_finder;
insert into access_secret (key) values (sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [
        migrations.RunSQL(SCHEMA, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "functions.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "grants.sql").read_text(encoding="utf-8"), migrations.RunSQL.noop),
    ]
