"""Row policies of performance, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "performance_round" enable row level security',
    'alter table "performance_round" force row level security',
    'revoke all on "performance_round" from ygt_actor, ygt_finder',
    'drop policy if exists "performance_round_select" on "performance_round"',
    'create policy "performance_round_select" on "performance_round" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) or (frozen_at is not null and consortium_id = any((select access.units())::bigint[]) and \'performance.read\' = any((select access.rights())::text[])))',
    'grant select on "performance_round" to ygt_actor',
    'drop policy if exists "performance_round_insert" on "performance_round"',
    'create policy "performance_round_insert" on "performance_round" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'performance.score\' = any((select access.rights())::text[]) and written_by_id = (select access.seat()) and written_account = (select access.account()) and frozen_at is null)',
    'grant insert on "performance_round" to ygt_actor',
    'drop policy if exists "performance_round_update" on "performance_round"',
    "create policy \"performance_round_update\" on \"performance_round\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and frozen_at is null and ('performance.score' = any((select access.rights())::text[]) or 'performance.confirm' = any((select access.rights())::text[]))) with check (exists (select 1 from case_case c where c.id = case_id) and (('performance.score' = any((select access.rights())::text[]) and frozen_at is null and written_by_id = (select access.seat()) and written_account = (select access.account())) or ('performance.confirm' = any((select access.rights())::text[]) and confirmed_by_id = (select access.seat()) and confirmed_account = (select access.account()))))",
    'grant update on "performance_round" to ygt_actor',
    'alter table "performance_memberscore" enable row level security',
    'alter table "performance_memberscore" force row level security',
    'revoke all on "performance_memberscore" from ygt_actor, ygt_finder',
    'drop policy if exists "performance_memberscore_select" on "performance_memberscore"',
    'create policy "performance_memberscore_select" on "performance_memberscore" for select to ygt_actor using (exists (select 1 from performance_round r where r.case_id = round_id))',
    'grant select on "performance_memberscore" to ygt_actor',
    'drop policy if exists "performance_memberscore_insert" on "performance_memberscore"',
    'create policy "performance_memberscore_insert" on "performance_memberscore" for insert to ygt_actor with check (exists (select 1 from performance_round r where r.case_id = round_id and r.frozen_at is null) and \'performance.score\' = any((select access.rights())::text[]))',
    'grant insert on "performance_memberscore" to ygt_actor',
    'drop policy if exists "performance_memberscore_delete" on "performance_memberscore"',
    'create policy "performance_memberscore_delete" on "performance_memberscore" for delete to ygt_actor using (exists (select 1 from performance_round r where r.case_id = round_id and r.frozen_at is null) and \'performance.score\' = any((select access.rights())::text[]))',
    'grant delete on "performance_memberscore" to ygt_actor',
    'grant usage on sequence "performance_memberscore_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("performance", "0002_frozen")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
