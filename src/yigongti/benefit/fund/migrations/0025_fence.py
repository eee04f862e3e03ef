"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "fund_proceduretable" enable row level security',
    'alter table "fund_proceduretable" force row level security',
    'revoke all on "fund_proceduretable" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_proceduretable_select" on "fund_proceduretable"',
    "create policy \"fund_proceduretable_select\" on \"fund_proceduretable\" for select to ygt_actor using ((consortium_id = any((select access.units())::bigint[]) and ('fund.office' = any((select access.rights())::text[]) or 'fund.approve' = any((select access.rights())::text[]) or 'fund.read' = any((select access.rights())::text[]) or 'fund.audit' = any((select access.rights())::text[]))) or ('fund.read' = any((select access.rights())::text[]) and consortium_id in (select u.consortium_id from access_unit u where u.id = any((select access.units())::bigint[]))) or 'fund.bureau' = any((select access.rights())::text[]))",
    'grant select on "fund_proceduretable" to ygt_actor',
    'drop policy if exists "fund_proceduretable_insert" on "fund_proceduretable"',
    'create policy "fund_proceduretable_insert" on "fund_proceduretable" for insert to ygt_actor with check (consortium_id = any((select access.units())::bigint[]) and \'fund.office\' = any((select access.rights())::text[]) and entered_by_id = (select access.seat()))',
    'grant insert on "fund_proceduretable" to ygt_actor',
    'grant usage on sequence "fund_proceduretable_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0024_procedures_immutable")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
