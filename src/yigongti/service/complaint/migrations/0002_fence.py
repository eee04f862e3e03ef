"""Row policies of complaint, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "complaint_complaint" enable row level security',
    'alter table "complaint_complaint" force row level security',
    'revoke all on "complaint_complaint" from ygt_actor, ygt_finder',
    'drop policy if exists "complaint_complaint_select" on "complaint_complaint"',
    'create policy "complaint_complaint_select" on "complaint_complaint" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) or \'facts.build\' = any((select access.rights())::text[]))',
    'grant select on "complaint_complaint" to ygt_actor',
    'drop policy if exists "complaint_complaint_insert" on "complaint_complaint"',
    "create policy \"complaint_complaint_insert\" on \"complaint_complaint\" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and ('complaint.report' = any((select access.rights())::text[]) or 'complaint.answer' = any((select access.rights())::text[]) or 'complaint.judge' = any((select access.rights())::text[]) or 'resident.self' = any((select access.rights())::text[])))",
    'grant insert on "complaint_complaint" to ygt_actor',
    'drop policy if exists "complaint_complaint_update" on "complaint_complaint"',
    "create policy \"complaint_complaint_update\" on \"complaint_complaint\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and ('complaint.report' = any((select access.rights())::text[]) or 'complaint.answer' = any((select access.rights())::text[]) or 'complaint.judge' = any((select access.rights())::text[]) or 'resident.self' = any((select access.rights())::text[]))) with check (exists (select 1 from case_case c where c.id = case_id) and ('complaint.report' = any((select access.rights())::text[]) or 'complaint.answer' = any((select access.rights())::text[]) or 'complaint.judge' = any((select access.rights())::text[]) or 'resident.self' = any((select access.rights())::text[])))",
    'grant update on "complaint_complaint" to ygt_actor',
    'drop policy if exists "case_case_resident_insert" on "case_case"',
    "create policy \"case_case_resident_insert\" on \"case_case\" for insert to ygt_actor with check ('resident.self' = any((select access.rights())::text[]) and shown_to_subject and subject_id = any((select access.subjects())::bigint[]) and domain = 'service')",
    'grant insert on "case_case" to ygt_actor',
    'drop policy if exists "case_case_resident_update" on "case_case"',
    "create policy \"case_case_resident_update\" on \"case_case\" for update to ygt_actor using ('resident.self' = any((select access.rights())::text[]) and shown_to_subject and subject_id = any((select access.subjects())::bigint[]) and domain = 'service') with check ('resident.self' = any((select access.rights())::text[]) and shown_to_subject and subject_id = any((select access.subjects())::bigint[]) and domain = 'service')",
    'grant update on "case_case" to ygt_actor',
]


class Migration(migrations.Migration):
    dependencies = [("complaint", "0001_initial")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
