"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "fund_comparison" enable row level security',
    'alter table "fund_comparison" force row level security',
    'revoke all on "fund_comparison" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_comparison_select" on "fund_comparison"',
    "create policy \"fund_comparison_select\" on \"fund_comparison\" for select to ygt_actor using (('fund.sandbox' = any((select access.rights())::text[]) and consortium_id = any((select access.units())::bigint[])) or ('case.policy' = any((select access.rights())::text[]) and exists (select 1 from policy_amendment a where a.evidence = 'sandbox:' || fund_comparison.id)))",
    'grant select on "fund_comparison" to ygt_actor',
    'drop policy if exists "fund_comparison_insert" on "fund_comparison"',
    'create policy "fund_comparison_insert" on "fund_comparison" for insert to ygt_actor with check (\'fund.sandbox\' = any((select access.rights())::text[]) and consortium_id = any((select access.units())::bigint[]) and made_by_id = (select access.seat()) and made_account = (select access.account()))',
    'grant insert on "fund_comparison" to ygt_actor',
    'grant usage on sequence "fund_comparison_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0019_comparison")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
