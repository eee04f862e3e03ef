"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "fund_catalogue" enable row level security',
    'alter table "fund_catalogue" force row level security',
    'revoke all on "fund_catalogue" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_catalogue_select" on "fund_catalogue"',
    "create policy \"fund_catalogue_select\" on \"fund_catalogue\" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) or (published_at is not null and ((consortium_id = any((select access.units())::bigint[]) and ('fund.office' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]) or 'fund.read' = any((select access.rights())::text[]) or 'fund.audit' = any((select access.rights())::text[]))) or ('fund.read' = any((select access.rights())::text[]) and consortium_id in (select u.consortium_id from access_unit u where u.id = any((select access.units())::bigint[]))) or 'fund.bureau' = any((select access.rights())::text[]))))",
    'grant select on "fund_catalogue" to ygt_actor',
    'drop policy if exists "fund_catalogue_insert" on "fund_catalogue"',
    'create policy "fund_catalogue_insert" on "fund_catalogue" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'fund.office\' = any((select access.rights())::text[]) and written_by_id = (select access.seat()) and written_account = (select access.account()) and published_at is null)',
    'grant insert on "fund_catalogue" to ygt_actor',
    'drop policy if exists "fund_catalogue_update" on "fund_catalogue"',
    "create policy \"fund_catalogue_update\" on \"fund_catalogue\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and published_at is null and 'fund.approve' = any((select access.rights())::text[])) with check (exists (select 1 from case_case c where c.id = case_id) and 'fund.approve' = any((select access.rights())::text[]) and published_by_id = (select access.seat()) and published_account = (select access.account()))",
    'grant update on "fund_catalogue" to ygt_actor',
    'drop policy if exists "fund_catalogue_finder_select" on "fund_catalogue"',
    'create policy "fund_catalogue_finder_select" on "fund_catalogue" for select to ygt_finder using (true)',
    'grant select on "fund_catalogue" to ygt_finder',
    'alter table "fund_coefficient" enable row level security',
    'alter table "fund_coefficient" force row level security',
    'revoke all on "fund_coefficient" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_coefficient_select" on "fund_coefficient"',
    'create policy "fund_coefficient_select" on "fund_coefficient" for select to ygt_actor using (exists (select 1 from fund_catalogue k where k.case_id = catalogue_id))',
    'grant select on "fund_coefficient" to ygt_actor',
    'drop policy if exists "fund_coefficient_insert" on "fund_coefficient"',
    'create policy "fund_coefficient_insert" on "fund_coefficient" for insert to ygt_actor with check (exists (select 1 from fund_catalogue k where k.case_id = catalogue_id and k.published_at is null) and \'fund.office\' = any((select access.rights())::text[]))',
    'grant insert on "fund_coefficient" to ygt_actor',
    'drop policy if exists "fund_coefficient_finder_select" on "fund_coefficient"',
    'create policy "fund_coefficient_finder_select" on "fund_coefficient" for select to ygt_finder using (true)',
    'grant select on "fund_coefficient" to ygt_finder',
    'grant usage on sequence "fund_coefficient_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0033_coefficients_beside")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
