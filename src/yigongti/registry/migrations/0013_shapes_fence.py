"""Row policies of the outlines and populations of places; staff as facts see them. Made by `makefence`, cut to these tables."""

from django.db import migrations

SQL = [
    'drop policy if exists "registry_practitioner_select" on "registry_practitioner"',
    "create policy \"registry_practitioner_select\" on \"registry_practitioner\" for select to ygt_actor using ((select access.seat()) is not null and ('clinical.read' = any((select access.rights())::text[]) or 'referral.desk' = any((select access.rights())::text[]) or 'access.manage' = any((select access.rights())::text[]) or 'access.supervise' = any((select access.rights())::text[]) or 'facts.build' = any((select access.rights())::text[]) or unit_id = any((select access.units())::bigint[]) or account_id = (select access.account())))",
    'alter table "registry_placeshape" enable row level security',
    'alter table "registry_placeshape" force row level security',
    'revoke all on "registry_placeshape" from ygt_actor, ygt_finder',
    'drop policy if exists "registry_placeshape_select" on "registry_placeshape"',
    'create policy "registry_placeshape_select" on "registry_placeshape" for select to ygt_actor using ((select access.seat()) is not null)',
    'grant select on "registry_placeshape" to ygt_actor',
    'drop policy if exists "registry_placeshape_insert" on "registry_placeshape"',
    'create policy "registry_placeshape_insert" on "registry_placeshape" for insert to ygt_actor with check (\'registry.import\' = any((select access.rights())::text[]))',
    'grant insert on "registry_placeshape" to ygt_actor',
    'drop policy if exists "registry_placeshape_update" on "registry_placeshape"',
    "create policy \"registry_placeshape_update\" on \"registry_placeshape\" for update to ygt_actor using ('registry.import' = any((select access.rights())::text[])) with check ('registry.import' = any((select access.rights())::text[]))",
    'grant update on "registry_placeshape" to ygt_actor',
    'drop policy if exists "registry_placeshape_finder_select" on "registry_placeshape"',
    'create policy "registry_placeshape_finder_select" on "registry_placeshape" for select to ygt_finder using (true)',
    'grant select on "registry_placeshape" to ygt_finder',
    'alter table "registry_placepopulation" enable row level security',
    'alter table "registry_placepopulation" force row level security',
    'revoke all on "registry_placepopulation" from ygt_actor, ygt_finder',
    'drop policy if exists "registry_placepopulation_select" on "registry_placepopulation"',
    'create policy "registry_placepopulation_select" on "registry_placepopulation" for select to ygt_actor using ((select access.seat()) is not null)',
    'grant select on "registry_placepopulation" to ygt_actor',
    'drop policy if exists "registry_placepopulation_insert" on "registry_placepopulation"',
    'create policy "registry_placepopulation_insert" on "registry_placepopulation" for insert to ygt_actor with check (\'registry.import\' = any((select access.rights())::text[]))',
    'grant insert on "registry_placepopulation" to ygt_actor',
    'drop policy if exists "registry_placepopulation_update" on "registry_placepopulation"',
    "create policy \"registry_placepopulation_update\" on \"registry_placepopulation\" for update to ygt_actor using ('registry.import' = any((select access.rights())::text[])) with check ('registry.import' = any((select access.rights())::text[]))",
    'grant update on "registry_placepopulation" to ygt_actor',
    'drop policy if exists "registry_placepopulation_finder_select" on "registry_placepopulation"',
    'create policy "registry_placepopulation_finder_select" on "registry_placepopulation" for select to ygt_finder using (true)',
    'grant select on "registry_placepopulation" to ygt_finder',
    'grant usage on sequence "registry_placepopulation_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("registry", "0012_shapes")]

    operations = [migrations.RunSQL(statement, migrations.RunSQL.noop) for statement in SQL]
