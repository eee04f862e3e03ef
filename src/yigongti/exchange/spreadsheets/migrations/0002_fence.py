"""Row policies of spreadsheets, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "spreadsheets_importrun" enable row level security',
    'alter table "spreadsheets_importrun" force row level security',
    'revoke all on "spreadsheets_importrun" from ygt_actor, ygt_finder',
    'drop policy if exists "spreadsheets_importrun_select" on "spreadsheets_importrun"',
    'create policy "spreadsheets_importrun_select" on "spreadsheets_importrun" for select to ygt_actor using (\'registry.import\' = any((select access.rights())::text[]) and unit_id = any((select access.units())::bigint[]))',
    'grant select on "spreadsheets_importrun" to ygt_actor',
    'drop policy if exists "spreadsheets_importrun_insert" on "spreadsheets_importrun"',
    'create policy "spreadsheets_importrun_insert" on "spreadsheets_importrun" for insert to ygt_actor with check (\'registry.import\' = any((select access.rights())::text[]) and unit_id = any((select access.units())::bigint[]) and seat_id = (select access.seat()))',
    'grant insert on "spreadsheets_importrun" to ygt_actor',
    'drop policy if exists "spreadsheets_importrun_update" on "spreadsheets_importrun"',
    "create policy \"spreadsheets_importrun_update\" on \"spreadsheets_importrun\" for update to ygt_actor using ('registry.import' = any((select access.rights())::text[]) and unit_id = any((select access.units())::bigint[])) with check ('registry.import' = any((select access.rights())::text[]) and unit_id = any((select access.units())::bigint[]))",
    'grant update on "spreadsheets_importrun" to ygt_actor',
    'grant usage on sequence "spreadsheets_importrun_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("spreadsheets", "0001_initial")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
