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
    'alter table "fund_special" enable row level security',
    'alter table "fund_special" force row level security',
    'revoke all on "fund_special" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_special_select" on "fund_special"',
    'create policy "fund_special_select" on "fund_special" for select to ygt_actor using (exists (select 1 from case_case c where c.id = case_id))',
    'grant select on "fund_special" to ygt_actor',
    'drop policy if exists "fund_special_insert" on "fund_special"',
    'create policy "fund_special_insert" on "fund_special" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'fund.counter\' = any((select access.rights())::text[]) and decided_at is null)',
    'grant insert on "fund_special" to ygt_actor',
    'drop policy if exists "fund_special_update" on "fund_special"',
    "create policy \"fund_special_update\" on \"fund_special\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and decided_at is null and ('fund.office' = any((select access.rights())::text[]) or 'fund.bureau' = any((select access.rights())::text[]) or 'fund.counter' = any((select access.rights())::text[]))) with check (exists (select 1 from case_case c where c.id = case_id) and ('fund.office' = any((select access.rights())::text[]) or 'fund.bureau' = any((select access.rights())::text[]) or 'fund.counter' = any((select access.rights())::text[])) and (decided_at is null or 'fund.bureau' = any((select access.rights())::text[])))",
    'grant update on "fund_special" to ygt_actor',
    'drop policy if exists "fund_special_finder_select" on "fund_special"',
    'create policy "fund_special_finder_select" on "fund_special" for select to ygt_finder using (true)',
    'grant select on "fund_special" to ygt_finder',
    'alter table "fund_opinion" enable row level security',
    'alter table "fund_opinion" force row level security',
    'revoke all on "fund_opinion" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_opinion_select" on "fund_opinion"',
    'create policy "fund_opinion_select" on "fund_opinion" for select to ygt_actor using (exists (select 1 from case_case c where c.id = special_id))',
    'grant select on "fund_opinion" to ygt_actor',
    'drop policy if exists "fund_opinion_insert" on "fund_opinion"',
    'create policy "fund_opinion_insert" on "fund_opinion" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = special_id) and \'fund.panel\' = any((select access.rights())::text[]) and seat_id = (select access.seat()))',
    'grant insert on "fund_opinion" to ygt_actor',
    'grant usage on sequence "fund_opinion_id_seq" to ygt_actor, ygt_finder',
    'alter table "fund_paper" enable row level security',
    'alter table "fund_paper" force row level security',
    'revoke all on "fund_paper" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_paper_select" on "fund_paper"',
    'create policy "fund_paper_select" on "fund_paper" for select to ygt_actor using (exists (select 1 from case_case c where c.id = special_id))',
    'grant select on "fund_paper" to ygt_actor',
    'drop policy if exists "fund_paper_insert" on "fund_paper"',
    'create policy "fund_paper_insert" on "fund_paper" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = special_id) and \'fund.counter\' = any((select access.rights())::text[]) and seat_id = (select access.seat()))',
    'grant insert on "fund_paper" to ygt_actor',
    'grant usage on sequence "fund_paper_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0017_special_room")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
