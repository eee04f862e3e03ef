"""Row policies of supervision, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "supervision_jobfailure" enable row level security',
    'alter table "supervision_jobfailure" force row level security',
    'revoke all on "supervision_jobfailure" from ygt_actor, ygt_finder',
    'drop policy if exists "supervision_jobfailure_select" on "supervision_jobfailure"',
    'create policy "supervision_jobfailure_select" on "supervision_jobfailure" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id))',
    'grant select on "supervision_jobfailure" to ygt_actor',
    'drop policy if exists "supervision_jobfailure_insert" on "supervision_jobfailure"',
    'create policy "supervision_jobfailure_insert" on "supervision_jobfailure" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'platform.watch\' = any((select access.rights())::text[]))',
    'grant insert on "supervision_jobfailure" to ygt_actor',
    'drop policy if exists "supervision_jobfailure_update" on "supervision_jobfailure"',
    "create policy \"supervision_jobfailure_update\" on \"supervision_jobfailure\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and ('platform.watch' = any((select access.rights())::text[]) or 'platform.explain' = any((select access.rights())::text[]))) with check (exists (select 1 from case_case c where c.id = case_id) and ('platform.watch' = any((select access.rights())::text[]) or 'platform.explain' = any((select access.rights())::text[])))",
    'grant update on "supervision_jobfailure" to ygt_actor',
]


class Migration(migrations.Migration):
    dependencies = [("supervision", "0004_job_failure")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
