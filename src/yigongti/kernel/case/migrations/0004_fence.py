"""Row policies of case, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "case_case" enable row level security',
    'alter table "case_case" force row level security',
    'revoke all on "case_case" from ygt_actor, ygt_finder',
    'drop policy if exists "case_case_select" on "case_case"',
    "create policy \"case_case_select\" on \"case_case\" for select to ygt_actor using ((('case.' || domain) = any((select access.rights())::text[]) and (from_unit_id = any((select access.units())::bigint[]) or to_unit_id = any((select access.units())::bigint[]) or hq_unit_id = any((select access.units())::bigint[]) and 'case.hq' = any((select access.rights())::text[]))) or (stage >= 3 and hq_unit_id = any((select access.units())::bigint[]) and 'case.late' = any((select access.rights())::text[])) or (shown_to_subject and subject_id = any((select access.subjects())::bigint[])) or 'case.clock' = any((select access.rights())::text[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "case_case" to ygt_actor',
    'drop policy if exists "case_case_insert" on "case_case"',
    'create policy "case_case_insert" on "case_case" for insert to ygt_actor with check (from_unit_id = any((select access.units())::bigint[]) and (\'case.\' || domain) = any((select access.rights())::text[]))',
    'grant insert on "case_case" to ygt_actor',
    'drop policy if exists "case_case_update" on "case_case"',
    "create policy \"case_case_update\" on \"case_case\" for update to ygt_actor using ((('case.' || domain) = any((select access.rights())::text[]) and (from_unit_id = any((select access.units())::bigint[]) or to_unit_id = any((select access.units())::bigint[]) or hq_unit_id = any((select access.units())::bigint[]) and 'case.hq' = any((select access.rights())::text[]))) or 'case.clock' = any((select access.rights())::text[])) with check ((('case.' || domain) = any((select access.rights())::text[]) and (from_unit_id = any((select access.units())::bigint[]) or to_unit_id = any((select access.units())::bigint[]) or hq_unit_id = any((select access.units())::bigint[]) and 'case.hq' = any((select access.rights())::text[]))) or 'case.clock' = any((select access.rights())::text[]))",
    'grant update on "case_case" to ygt_actor',
    'drop policy if exists "case_case_finder_select" on "case_case"',
    'create policy "case_case_finder_select" on "case_case" for select to ygt_finder using (true)',
    'grant select on "case_case" to ygt_finder',
    'grant usage on sequence "case_case_id_seq" to ygt_actor, ygt_finder',
    'alter table "case_entry" enable row level security',
    'alter table "case_entry" force row level security',
    'revoke all on "case_entry" from ygt_actor, ygt_finder',
    'drop policy if exists "case_entry_select" on "case_entry"',
    'create policy "case_entry_select" on "case_entry" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id))',
    'grant select on "case_entry" to ygt_actor',
    'drop policy if exists "case_entry_insert" on "case_entry"',
    'create policy "case_entry_insert" on "case_entry" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and seat_id = (select access.seat()))',
    'grant insert on "case_entry" to ygt_actor',
    'grant usage on sequence "case_entry_id_seq" to ygt_actor, ygt_finder',
    'alter table "case_notice" enable row level security',
    'alter table "case_notice" force row level security',
    'revoke all on "case_notice" from ygt_actor, ygt_finder',
    'drop policy if exists "case_notice_select" on "case_notice"',
    'create policy "case_notice_select" on "case_notice" for select to ygt_actor using (((unit_id = any((select access.units())::bigint[]) and duty = any((select access.rights())::text[])) or seat_id = (select access.seat()) or subject_id = any((select access.subjects())::bigint[])) or (exists (select 1 from case_case c where c.id = case_id) and not \'resident.self\' = any((select access.rights())::text[])))',
    'grant select on "case_notice" to ygt_actor',
    'drop policy if exists "case_notice_insert" on "case_notice"',
    'create policy "case_notice_insert" on "case_notice" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id))',
    'grant insert on "case_notice" to ygt_actor',
    'drop policy if exists "case_notice_update" on "case_notice"',
    'create policy "case_notice_update" on "case_notice" for update to ygt_actor using ((unit_id = any((select access.units())::bigint[]) and duty = any((select access.rights())::text[])) or seat_id = (select access.seat()) or subject_id = any((select access.subjects())::bigint[])) with check ((unit_id = any((select access.units())::bigint[]) and duty = any((select access.rights())::text[])) or seat_id = (select access.seat()) or subject_id = any((select access.subjects())::bigint[]))',
    'grant update on "case_notice" to ygt_actor',
    'grant usage on sequence "case_notice_id_seq" to ygt_actor, ygt_finder',
    'drop policy if exists "access_grant_case_select" on "access_grant"',
    'create policy "access_grant_case_select" on "access_grant" for select to ygt_actor using (case_id is not null and exists (select 1 from case_case c where c.id = access_grant.case_id and c.subject_id = access_grant.subject_id and access_grant.unit_id in (c.from_unit_id, c.to_unit_id)))',
    'grant select on "access_grant" to ygt_actor',
    'drop policy if exists "access_grant_case_insert" on "access_grant"',
    'create policy "access_grant_case_insert" on "access_grant" for insert to ygt_actor with check (case_id is not null and exists (select 1 from case_case c where c.id = access_grant.case_id and c.subject_id = access_grant.subject_id and access_grant.unit_id in (c.from_unit_id, c.to_unit_id)))',
    'grant insert on "access_grant" to ygt_actor',
    'drop policy if exists "access_grant_case_update" on "access_grant"',
    'create policy "access_grant_case_update" on "access_grant" for update to ygt_actor using (case_id is not null and exists (select 1 from case_case c where c.id = access_grant.case_id and c.subject_id = access_grant.subject_id and access_grant.unit_id in (c.from_unit_id, c.to_unit_id))) with check (case_id is not null and exists (select 1 from case_case c where c.id = access_grant.case_id and c.subject_id = access_grant.subject_id and access_grant.unit_id in (c.from_unit_id, c.to_unit_id)))',
    'grant update on "access_grant" to ygt_actor',
]


class Migration(migrations.Migration):
    dependencies = [("case", "0003_held")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
