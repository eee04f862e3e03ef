"""Row policies of supervision, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "supervision_sealoutage" enable row level security',
    'alter table "supervision_sealoutage" force row level security',
    'revoke all on "supervision_sealoutage" from ygt_actor, ygt_finder',
    'drop policy if exists "supervision_sealoutage_select" on "supervision_sealoutage"',
    'create policy "supervision_sealoutage_select" on "supervision_sealoutage" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id))',
    'grant select on "supervision_sealoutage" to ygt_actor',
    'drop policy if exists "supervision_sealoutage_insert" on "supervision_sealoutage"',
    'create policy "supervision_sealoutage_insert" on "supervision_sealoutage" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'platform.watch\' = any((select access.rights())::text[]))',
    'grant insert on "supervision_sealoutage" to ygt_actor',
    'drop policy if exists "supervision_sealoutage_update" on "supervision_sealoutage"',
    "create policy \"supervision_sealoutage_update\" on \"supervision_sealoutage\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and ('platform.explain' = any((select access.rights())::text[]) or 'platform.confirm' = any((select access.rights())::text[]))) with check (exists (select 1 from case_case c where c.id = case_id) and ('platform.explain' = any((select access.rights())::text[]) or 'platform.confirm' = any((select access.rights())::text[])))",
    'grant update on "supervision_sealoutage" to ygt_actor',
    'drop policy if exists "supervision_sealoutage_finder_select" on "supervision_sealoutage"',
    'create policy "supervision_sealoutage_finder_select" on "supervision_sealoutage" for select to ygt_finder using (true)',
    'grant select on "supervision_sealoutage" to ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
