"""Row policies of finance, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "finance_draft" enable row level security',
    'alter table "finance_draft" force row level security',
    'revoke all on "finance_draft" from ygt_actor, ygt_finder',
    'drop policy if exists "finance_draft_select" on "finance_draft"',
    "create policy \"finance_draft_select\" on \"finance_draft\" for select to ygt_actor using (('finance.read' = any((select access.rights())::text[]) or ('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]))) and book_id = any((select access.units())::bigint[]))",
    'grant select on "finance_draft" to ygt_actor',
    'drop policy if exists "finance_draft_insert" on "finance_draft"',
    'create policy "finance_draft_insert" on "finance_draft" for insert to ygt_actor with check (exists (select 1 from case_case c where c.id = case_id) and \'finance.post\' = any((select access.rights())::text[]) and book_id = any((select access.units())::bigint[]) and entered_by_id = (select access.seat()))',
    'grant insert on "finance_draft" to ygt_actor',
    'drop policy if exists "finance_draft_update" on "finance_draft"',
    "create policy \"finance_draft_update\" on \"finance_draft\" for update to ygt_actor using (exists (select 1 from case_case c where c.id = case_id) and ('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[])) and book_id = any((select access.units())::bigint[])) with check (exists (select 1 from case_case c where c.id = case_id) and ('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[])) and book_id = any((select access.units())::bigint[]))",
    'grant update on "finance_draft" to ygt_actor',
    'alter table "finance_closing" enable row level security',
    'alter table "finance_closing" force row level security',
    'revoke all on "finance_closing" from ygt_actor, ygt_finder',
    'drop policy if exists "finance_closing_select" on "finance_closing"',
    "create policy \"finance_closing_select\" on \"finance_closing\" for select to ygt_actor using (('finance.read' = any((select access.rights())::text[]) or ('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]))) and book_id = any((select access.units())::bigint[]))",
    'grant select on "finance_closing" to ygt_actor',
    'drop policy if exists "finance_closing_insert" on "finance_closing"',
    'create policy "finance_closing_insert" on "finance_closing" for insert to ygt_actor with check (\'finance.approve\' = any((select access.rights())::text[]) and book_id = any((select access.units())::bigint[]) and by_id = (select access.seat()))',
    'grant insert on "finance_closing" to ygt_actor',
    'drop policy if exists "finance_closing_finder_select" on "finance_closing"',
    'create policy "finance_closing_finder_select" on "finance_closing" for select to ygt_finder using (true)',
    'grant select on "finance_closing" to ygt_finder',
    'grant usage on sequence "finance_closing_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("finance", "0005_manual")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
