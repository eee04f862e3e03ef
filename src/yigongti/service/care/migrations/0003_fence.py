"""Row policies of care, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "care_visit" enable row level security',
    'alter table "care_visit" force row level security',
    'revoke all on "care_visit" from ygt_actor, ygt_finder',
    'drop policy if exists "care_visit_select" on "care_visit"',
    "create policy \"care_visit_select\" on \"care_visit\" for select to ygt_actor using (('clinical.read' = any((select access.rights())::text[]) and (unit_id = any((select access.units())::bigint[]) or exists (select 1 from access.related g where g.subject_id = care_visit.subject_id and g.live)) and (not sensitive or seat_id = (select access.seat()) or exists (select 1 from access.held h where h.subject_id = care_visit.subject_id))) or subject_id = any((select access.subjects())::bigint[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "care_visit" to ygt_actor',
    'drop policy if exists "care_visit_insert" on "care_visit"',
    'create policy "care_visit_insert" on "care_visit" for insert to ygt_actor with check (unit_id = any((select access.units())::bigint[]) and \'clinical.write\' = any((select access.rights())::text[]) and seat_id = (select access.seat()))',
    'grant insert on "care_visit" to ygt_actor',
    'drop policy if exists "care_visit_update" on "care_visit"',
    "create policy \"care_visit_update\" on \"care_visit\" for update to ygt_actor using (unit_id = any((select access.units())::bigint[]) and 'clinical.write' = any((select access.rights())::text[]) and status = 'open') with check (unit_id = any((select access.units())::bigint[]) and 'clinical.write' = any((select access.rights())::text[]))",
    'grant update on "care_visit" to ygt_actor',
    'grant usage on sequence "care_visit_id_seq" to ygt_actor, ygt_finder',
    'alter table "care_diagnosis" enable row level security',
    'alter table "care_diagnosis" force row level security',
    'revoke all on "care_diagnosis" from ygt_actor, ygt_finder',
    'drop policy if exists "care_diagnosis_select" on "care_diagnosis"',
    'create policy "care_diagnosis_select" on "care_diagnosis" for select to ygt_actor using (exists (select 1 from care_visit v where v.id = visit_id))',
    'grant select on "care_diagnosis" to ygt_actor',
    'drop policy if exists "care_diagnosis_insert" on "care_diagnosis"',
    "create policy \"care_diagnosis_insert\" on \"care_diagnosis\" for insert to ygt_actor with check ('clinical.write' = any((select access.rights())::text[]) and exists (select 1 from care_visit v where v.id = visit_id and v.status = 'open' and v.unit_id = any((select access.units())::bigint[])))",
    'grant insert on "care_diagnosis" to ygt_actor',
    'drop policy if exists "care_diagnosis_delete" on "care_diagnosis"',
    "create policy \"care_diagnosis_delete\" on \"care_diagnosis\" for delete to ygt_actor using ('clinical.write' = any((select access.rights())::text[]) and exists (select 1 from care_visit v where v.id = visit_id and v.status = 'open' and v.unit_id = any((select access.units())::bigint[])))",
    'grant delete on "care_diagnosis" to ygt_actor',
    'grant usage on sequence "care_diagnosis_id_seq" to ygt_actor, ygt_finder',
    'alter table "care_allergy" enable row level security',
    'alter table "care_allergy" force row level security',
    'revoke all on "care_allergy" from ygt_actor, ygt_finder',
    'drop policy if exists "care_allergy_select" on "care_allergy"',
    "create policy \"care_allergy_select\" on \"care_allergy\" for select to ygt_actor using ((('clinical.read' = any((select access.rights())::text[]) or 'resident.banner' = any((select access.rights())::text[])) and (unit_id = any((select access.units())::bigint[]) or exists (select 1 from access.related g where g.subject_id = care_allergy.subject_id and g.live))) or subject_id = any((select access.subjects())::bigint[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "care_allergy" to ygt_actor',
    'drop policy if exists "care_allergy_insert" on "care_allergy"',
    'create policy "care_allergy_insert" on "care_allergy" for insert to ygt_actor with check (unit_id = any((select access.units())::bigint[]) and \'clinical.write\' = any((select access.rights())::text[]) and seat_id = (select access.seat()))',
    'grant insert on "care_allergy" to ygt_actor',
    'drop policy if exists "care_allergy_update" on "care_allergy"',
    "create policy \"care_allergy_update\" on \"care_allergy\" for update to ygt_actor using (unit_id = any((select access.units())::bigint[]) and 'clinical.write' = any((select access.rights())::text[])) with check (unit_id = any((select access.units())::bigint[]) and 'clinical.write' = any((select access.rights())::text[]))",
    'grant update on "care_allergy" to ygt_actor',
    'grant usage on sequence "care_allergy_id_seq" to ygt_actor, ygt_finder',
    'alter table "care_problem" enable row level security',
    'alter table "care_problem" force row level security',
    'revoke all on "care_problem" from ygt_actor, ygt_finder',
    'drop policy if exists "care_problem_select" on "care_problem"',
    "create policy \"care_problem_select\" on \"care_problem\" for select to ygt_actor using (('clinical.read' = any((select access.rights())::text[]) and (unit_id = any((select access.units())::bigint[]) or exists (select 1 from access.related g where g.subject_id = care_problem.subject_id and g.live)) and (not sensitive or seat_id = (select access.seat()) or exists (select 1 from access.held h where h.subject_id = care_problem.subject_id))) or subject_id = any((select access.subjects())::bigint[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "care_problem" to ygt_actor',
    'drop policy if exists "care_problem_insert" on "care_problem"',
    'create policy "care_problem_insert" on "care_problem" for insert to ygt_actor with check (unit_id = any((select access.units())::bigint[]) and \'clinical.write\' = any((select access.rights())::text[]) and seat_id = (select access.seat()))',
    'grant insert on "care_problem" to ygt_actor',
    'drop policy if exists "care_problem_update" on "care_problem"',
    "create policy \"care_problem_update\" on \"care_problem\" for update to ygt_actor using (unit_id = any((select access.units())::bigint[]) and 'clinical.write' = any((select access.rights())::text[])) with check (unit_id = any((select access.units())::bigint[]) and 'clinical.write' = any((select access.rights())::text[]))",
    'grant update on "care_problem" to ygt_actor',
    'grant usage on sequence "care_problem_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("care", "0002_fence"), ("access", "0004_related"), ("case", "0003_held")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
