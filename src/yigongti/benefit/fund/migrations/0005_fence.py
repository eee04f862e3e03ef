"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "fund_claim" enable row level security',
    'alter table "fund_claim" force row level security',
    'revoke all on "fund_claim" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_claim_select" on "fund_claim"',
    "create policy \"fund_claim_select\" on \"fund_claim\" for select to ygt_actor using (('fund.read' = any((select access.rights())::text[]) and institution_id = any((select access.units())::bigint[])) or (('fund.office' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]) or 'fund.audit' = any((select access.rights())::text[])) and (institution_id = any((select access.units())::bigint[]) or consortium_id = any((select access.units())::bigint[]))) or 'fund.bureau' = any((select access.rights())::text[]) or subject_id = any((select access.subjects())::bigint[]) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "fund_claim" to ygt_actor',
    'drop policy if exists "fund_claim_insert" on "fund_claim"',
    "create policy \"fund_claim_insert\" on \"fund_claim\" for insert to ygt_actor with check ((('fund.counter' = any((select access.rights())::text[]) and institution_id = any((select access.units())::bigint[])) or 'fund.bureau' = any((select access.rights())::text[])) and entered_by_id = (select access.seat()))",
    'grant insert on "fund_claim" to ygt_actor',
    'drop policy if exists "fund_claim_finder_select" on "fund_claim"',
    'create policy "fund_claim_finder_select" on "fund_claim" for select to ygt_finder using (true)',
    'grant select on "fund_claim" to ygt_finder',
    'grant usage on sequence "fund_claim_id_seq" to ygt_actor, ygt_finder',
    'alter table "fund_settlement" enable row level security',
    'alter table "fund_settlement" force row level security',
    'revoke all on "fund_settlement" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_settlement_select" on "fund_settlement"',
    'create policy "fund_settlement_select" on "fund_settlement" for select to ygt_actor using (exists (select 1 from fund_claim c where c.id = claim_id) or \'facts.build\' = any((select access.rights())::text[]))',
    'grant select on "fund_settlement" to ygt_actor',
    'drop policy if exists "fund_settlement_insert" on "fund_settlement"',
    "create policy \"fund_settlement_insert\" on \"fund_settlement\" for insert to ygt_actor with check (exists (select 1 from fund_claim c where c.id = claim_id) and seat_id = (select access.seat()) and ('fund.counter' = any((select access.rights())::text[]) or 'fund.office' = any((select access.rights())::text[]) or 'fund.bureau' = any((select access.rights())::text[])))",
    'grant insert on "fund_settlement" to ygt_actor',
    'drop policy if exists "fund_settlement_finder_select" on "fund_settlement"',
    'create policy "fund_settlement_finder_select" on "fund_settlement" for select to ygt_finder using (true)',
    'grant select on "fund_settlement" to ygt_finder',
    'grant usage on sequence "fund_settlement_id_seq" to ygt_actor, ygt_finder',
    'alter table "fund_adjustment" enable row level security',
    'alter table "fund_adjustment" force row level security',
    'revoke all on "fund_adjustment" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_adjustment_select" on "fund_adjustment"',
    'create policy "fund_adjustment_select" on "fund_adjustment" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id))',
    'grant select on "fund_adjustment" to ygt_actor',
    'drop policy if exists "fund_adjustment_insert" on "fund_adjustment"',
    "create policy \"fund_adjustment_insert\" on \"fund_adjustment\" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and ('fund.counter' = any((select access.rights())::text[]) or 'fund.office' = any((select access.rights())::text[]) or 'fund.bureau' = any((select access.rights())::text[])))",
    'grant insert on "fund_adjustment" to ygt_actor',
    'drop policy if exists "fund_adjustment_finder_select" on "fund_adjustment"',
    'create policy "fund_adjustment_finder_select" on "fund_adjustment" for select to ygt_finder using (true)',
    'grant select on "fund_adjustment" to ygt_finder',
    'grant usage on sequence "fund_adjustment_id_seq" to ygt_actor, ygt_finder',
    'drop policy if exists "care_diagnosis_fund_finder" on "care_diagnosis"',
    'create policy "care_diagnosis_fund_finder" on "care_diagnosis" for select to ygt_finder using (true)',
    'grant select on "care_diagnosis" to ygt_finder',
    'drop policy if exists "referral_referral_fund_finder" on "referral_referral"',
    'create policy "referral_referral_fund_finder" on "referral_referral" for select to ygt_finder using (true)',
    'grant select on "referral_referral" to ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0004_functions")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
