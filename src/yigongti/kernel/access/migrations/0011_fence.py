"""Row policies of access, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "access_seat" enable row level security',
    'alter table "access_seat" force row level security',
    'revoke all on "access_seat" from ygt_actor, ygt_finder',
    'drop policy if exists "access_seat_select" on "access_seat"',
    'create policy "access_seat_select" on "access_seat" for select to ygt_actor using (subject_id is null or account_id = (select access.account()) or \'access.manage\' = any((select access.rights())::text[]))',
    'grant select on "access_seat" to ygt_actor',
    'drop policy if exists "access_seat_insert" on "access_seat"',
    'create policy "access_seat_insert" on "access_seat" for insert to ygt_actor with check (\'access.manage\' = any((select access.rights())::text[]))',
    'grant insert on "access_seat" to ygt_actor',
    'drop policy if exists "access_seat_update" on "access_seat"',
    "create policy \"access_seat_update\" on \"access_seat\" for update to ygt_actor using ('access.manage' = any((select access.rights())::text[])) with check ('access.manage' = any((select access.rights())::text[]))",
    'grant update on "access_seat" to ygt_actor',
    'drop policy if exists "access_seat_finder_select" on "access_seat"',
    'create policy "access_seat_finder_select" on "access_seat" for select to ygt_finder using (true)',
    'grant select on "access_seat" to ygt_finder',
    'drop policy if exists "access_seat_finder_update" on "access_seat"',
    'create policy "access_seat_finder_update" on "access_seat" for update to ygt_finder using (true) with check (true)',
    'grant update on "access_seat" to ygt_finder',
    'grant usage on sequence "access_seat_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("access", "0010_code_step")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
