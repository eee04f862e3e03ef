"""Row policies of referral, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "referral_referral" enable row level security',
    'alter table "referral_referral" force row level security',
    'revoke all on "referral_referral" from ygt_actor, ygt_finder',
    'drop policy if exists "referral_referral_select" on "referral_referral"',
    "create policy \"referral_referral_select\" on \"referral_referral\" for select to ygt_actor using (('clinical.read' = any((select access.rights())::text[]) and exists (select 1 from case_case c where c.id = case_id)) or subject_id = any((select access.subjects())::bigint[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "referral_referral" to ygt_actor',
    'drop policy if exists "referral_referral_insert" on "referral_referral"',
    'create policy "referral_referral_insert" on "referral_referral" for insert to ygt_actor with check (\'referral.sender\' = any((select access.rights())::text[]) and exists (select 1 from case_case c where c.id = case_id))',
    'grant insert on "referral_referral" to ygt_actor',
    'drop policy if exists "referral_referral_update" on "referral_referral"',
    "create policy \"referral_referral_update\" on \"referral_referral\" for update to ygt_actor using (('referral.sender' = any((select access.rights())::text[]) or 'referral.desk' = any((select access.rights())::text[]) or 'referral.specialist' = any((select access.rights())::text[])) and exists (select 1 from case_case c where c.id = case_id)) with check (('referral.sender' = any((select access.rights())::text[]) or 'referral.desk' = any((select access.rights())::text[]) or 'referral.specialist' = any((select access.rights())::text[])) and exists (select 1 from case_case c where c.id = case_id))",
    'grant update on "referral_referral" to ygt_actor',
    'alter table "referral_followup" enable row level security',
    'alter table "referral_followup" force row level security',
    'revoke all on "referral_followup" from ygt_actor, ygt_finder',
    'drop policy if exists "referral_followup_select" on "referral_followup"',
    "create policy \"referral_followup_select\" on \"referral_followup\" for select to ygt_actor using (('clinical.read' = any((select access.rights())::text[]) and exists (select 1 from case_case c where c.id = case_id)) or subject_id = any((select access.subjects())::bigint[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "referral_followup" to ygt_actor',
    'drop policy if exists "referral_followup_insert" on "referral_followup"',
    'create policy "referral_followup_insert" on "referral_followup" for insert to ygt_actor with check (\'referral.sender\' = any((select access.rights())::text[]) and exists (select 1 from case_case c where c.id = case_id))',
    'grant insert on "referral_followup" to ygt_actor',
    'grant usage on sequence "referral_followup_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("referral", "0001_initial")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
