"""Row policies of finance, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "finance_account" enable row level security',
    'alter table "finance_account" force row level security',
    'revoke all on "finance_account" from ygt_actor, ygt_finder',
    'drop policy if exists "finance_account_select" on "finance_account"',
    "create policy \"finance_account_select\" on \"finance_account\" for select to ygt_actor using (('finance.read' = any((select access.rights())::text[]) or ('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]))) and book_id = any((select access.units())::bigint[]))",
    'grant select on "finance_account" to ygt_actor',
    'drop policy if exists "finance_account_insert" on "finance_account"',
    "create policy \"finance_account_insert\" on \"finance_account\" for insert to ygt_actor with check (('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[])) and book_id = any((select access.units())::bigint[]))",
    'grant insert on "finance_account" to ygt_actor',
    'grant usage on sequence "finance_account_id_seq" to ygt_actor, ygt_finder',
    'alter table "finance_voucher" enable row level security',
    'alter table "finance_voucher" force row level security',
    'revoke all on "finance_voucher" from ygt_actor, ygt_finder',
    'drop policy if exists "finance_voucher_select" on "finance_voucher"',
    "create policy \"finance_voucher_select\" on \"finance_voucher\" for select to ygt_actor using (('finance.read' = any((select access.rights())::text[]) or ('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]))) and book_id = any((select access.units())::bigint[]))",
    'grant select on "finance_voucher" to ygt_actor',
    'drop policy if exists "finance_voucher_insert" on "finance_voucher"',
    "create policy \"finance_voucher_insert\" on \"finance_voucher\" for insert to ygt_actor with check (('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[])) and book_id = any((select access.units())::bigint[]) and posted_by_id = (select access.seat()))",
    'grant insert on "finance_voucher" to ygt_actor',
    'drop policy if exists "finance_voucher_finder_select" on "finance_voucher"',
    'create policy "finance_voucher_finder_select" on "finance_voucher" for select to ygt_finder using (true)',
    'grant select on "finance_voucher" to ygt_finder',
    'grant usage on sequence "finance_voucher_id_seq" to ygt_actor, ygt_finder',
    'alter table "finance_line" enable row level security',
    'alter table "finance_line" force row level security',
    'revoke all on "finance_line" from ygt_actor, ygt_finder',
    'drop policy if exists "finance_line_select" on "finance_line"',
    'create policy "finance_line_select" on "finance_line" for select to ygt_actor using (exists (select 1 from finance_voucher v where v.id = voucher_id))',
    'grant select on "finance_line" to ygt_actor',
    'drop policy if exists "finance_line_insert" on "finance_line"',
    "create policy \"finance_line_insert\" on \"finance_line\" for insert to ygt_actor with check (('finance.post' = any((select access.rights())::text[]) or 'finance.approve' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[])) and exists (select 1 from finance_voucher v where v.id = voucher_id))",
    'grant insert on "finance_line" to ygt_actor',
    'drop policy if exists "finance_line_finder_select" on "finance_line"',
    'create policy "finance_line_finder_select" on "finance_line" for select to ygt_finder using (true)',
    'grant select on "finance_line" to ygt_finder',
    'grant usage on sequence "finance_line_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("finance", "0003_ledger")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
