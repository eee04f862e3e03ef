"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "fund_finding" enable row level security',
    'alter table "fund_finding" force row level security',
    'revoke all on "fund_finding" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_finding_select" on "fund_finding"',
    'create policy "fund_finding_select" on "fund_finding" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) or \'facts.build\' = any((select access.rights())::text[]))',
    'grant select on "fund_finding" to ygt_actor',
    'drop policy if exists "fund_finding_insert" on "fund_finding"',
    'create policy "fund_finding_insert" on "fund_finding" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'fund.audit_run\' = any((select access.rights())::text[]))',
    'grant insert on "fund_finding" to ygt_actor',
    'drop policy if exists "fund_finding_update" on "fund_finding"',
    "create policy \"fund_finding_update\" on \"fund_finding\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and approved_at is null and ('fund.reply' = any((select access.rights())::text[]) or 'fund.audit' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]))) with check (exists (select 1 from case_case c where c.id = case_id) and ('fund.reply' = any((select access.rights())::text[]) or 'fund.audit' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[])))",
    'grant update on "fund_finding" to ygt_actor',
    'alter table "fund_evidence" enable row level security',
    'alter table "fund_evidence" force row level security',
    'revoke all on "fund_evidence" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_evidence_select" on "fund_evidence"',
    'create policy "fund_evidence_select" on "fund_evidence" for select to ygt_actor using (exists (select 1 from case_case c where c.id = finding_id))',
    'grant select on "fund_evidence" to ygt_actor',
    'drop policy if exists "fund_evidence_insert" on "fund_evidence"',
    'create policy "fund_evidence_insert" on "fund_evidence" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = finding_id) and \'fund.audit_run\' = any((select access.rights())::text[]))',
    'grant insert on "fund_evidence" to ygt_actor',
    'grant usage on sequence "fund_evidence_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0008_audit")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
