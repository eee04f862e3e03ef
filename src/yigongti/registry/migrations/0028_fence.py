"""Row policies of registry, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "registry_sounding" enable row level security',
    'alter table "registry_sounding" force row level security',
    'revoke all on "registry_sounding" from ygt_actor, ygt_finder',
    'drop policy if exists "registry_sounding_select" on "registry_sounding"',
    'create policy "registry_sounding_select" on "registry_sounding" for select to ygt_actor using (\'registry.resident\' = any((select access.rights())::text[]))',
    'grant select on "registry_sounding" to ygt_actor',
    'drop policy if exists "registry_sounding_insert" on "registry_sounding"',
    'create policy "registry_sounding_insert" on "registry_sounding" for insert to ygt_actor with check (\'registry.resident\' = any((select access.rights())::text[]))',
    'grant insert on "registry_sounding" to ygt_actor',
    'drop policy if exists "registry_sounding_delete" on "registry_sounding"',
    'create policy "registry_sounding_delete" on "registry_sounding" for delete to ygt_actor using (\'registry.resident\' = any((select access.rights())::text[]))',
    'grant delete on "registry_sounding" to ygt_actor',
    'drop policy if exists "registry_sounding_finder_select" on "registry_sounding"',
    'create policy "registry_sounding_finder_select" on "registry_sounding" for select to ygt_finder using (true)',
    'grant select on "registry_sounding" to ygt_finder',
    'drop policy if exists "registry_sounding_finder_update" on "registry_sounding"',
    'create policy "registry_sounding_finder_update" on "registry_sounding" for update to ygt_finder using (true) with check (true)',
    'grant update on "registry_sounding" to ygt_finder',
    'grant usage on sequence "registry_sounding_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("registry", "0027_sounding_near")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
