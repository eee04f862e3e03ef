"""Row policies of fund, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "fund_monthfigure" enable row level security',
    'alter table "fund_monthfigure" force row level security',
    'revoke all on "fund_monthfigure" from ygt_actor, ygt_finder',
    'drop policy if exists "fund_monthfigure_select" on "fund_monthfigure"',
    "create policy \"fund_monthfigure_select\" on \"fund_monthfigure\" for select to ygt_actor using ((consortium_id = any((select access.units())::bigint[]) and 'fund.pool' = any((select access.rights())::text[])) or 'facts.build' = any((select access.rights())::text[]))",
    'grant select on "fund_monthfigure" to ygt_actor',
    'drop policy if exists "fund_monthfigure_insert" on "fund_monthfigure"',
    'create policy "fund_monthfigure_insert" on "fund_monthfigure" for insert to ygt_actor with check (consortium_id = any((select access.units())::bigint[]) and \'fund.office\' = any((select access.rights())::text[]) and booked_by_id = (select access.seat()))',
    'grant insert on "fund_monthfigure" to ygt_actor',
    'grant usage on sequence "fund_monthfigure_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("fund", "0021_comparison_final")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
