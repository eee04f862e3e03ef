"""Row policies of access, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "access_delegation" enable row level security',
    'alter table "access_delegation" force row level security',
    'revoke all on "access_delegation" from ygt_actor, ygt_finder',
    'drop policy if exists "access_delegation_select" on "access_delegation"',
    'create policy "access_delegation_select" on "access_delegation" for select to ygt_actor using (subject_id = any((select access.subjects())::bigint[]) or delegate_id = any((select access.subjects())::bigint[]))',
    'grant select on "access_delegation" to ygt_actor',
    'drop policy if exists "access_delegation_insert" on "access_delegation"',
    'create policy "access_delegation_insert" on "access_delegation" for insert to ygt_actor with check (basis = \'consent\' and subject_id = (select (access.subjects())[1]))',
    'grant insert on "access_delegation" to ygt_actor',
    'drop policy if exists "access_delegation_update" on "access_delegation"',
    "create policy \"access_delegation_update\" on \"access_delegation\" for update to ygt_actor using ((basis = 'consent' and subject_id = (select (access.subjects())[1])) or delegate_id = (select (access.subjects())[1])) with check ((basis = 'consent' and subject_id = (select (access.subjects())[1])) or delegate_id = (select (access.subjects())[1]))",
    'grant update on "access_delegation" to ygt_actor',
    'drop policy if exists "access_delegation_finder_select" on "access_delegation"',
    'create policy "access_delegation_finder_select" on "access_delegation" for select to ygt_finder using (true)',
    'grant select on "access_delegation" to ygt_finder',
    'drop policy if exists "access_delegation_finder_update" on "access_delegation"',
    'create policy "access_delegation_finder_update" on "access_delegation" for update to ygt_finder using (true) with check (true)',
    'grant update on "access_delegation" to ygt_finder',
    'grant usage on sequence "access_delegation_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("access", "0008_grant_case")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
