"""Row policies of registry, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "registry_belonging" enable row level security',
    'alter table "registry_belonging" force row level security',
    'revoke all on "registry_belonging" from ygt_actor, ygt_finder',
    'drop policy if exists "registry_belonging_select" on "registry_belonging"',
    'create policy "registry_belonging_select" on "registry_belonging" for select to ygt_actor using (exists (select 1 from registry_resident r where r.subject_id = registry_belonging.subject_id))',
    'grant select on "registry_belonging" to ygt_actor',
    'drop policy if exists "registry_belonging_insert" on "registry_belonging"',
    'create policy "registry_belonging_insert" on "registry_belonging" for insert to ygt_actor with check (\'registry.resident\' = any((select access.rights())::text[]))',
    'grant insert on "registry_belonging" to ygt_actor',
    'drop policy if exists "registry_belonging_finder_select" on "registry_belonging"',
    'create policy "registry_belonging_finder_select" on "registry_belonging" for select to ygt_finder using (true)',
    'grant select on "registry_belonging" to ygt_finder',
    'drop policy if exists "registry_belonging_finder_delete" on "registry_belonging"',
    'create policy "registry_belonging_finder_delete" on "registry_belonging" for delete to ygt_finder using (true)',
    'grant delete on "registry_belonging" to ygt_finder',
    'grant usage on sequence "registry_belonging_id_seq" to ygt_actor, ygt_finder',
    'alter table "registry_lifeevent" enable row level security',
    'alter table "registry_lifeevent" force row level security',
    'revoke all on "registry_lifeevent" from ygt_actor, ygt_finder',
    'drop policy if exists "registry_lifeevent_select" on "registry_lifeevent"',
    'create policy "registry_lifeevent_select" on "registry_lifeevent" for select to ygt_actor using (exists (select 1 from registry_resident r where r.subject_id = registry_lifeevent.subject_id))',
    'grant select on "registry_lifeevent" to ygt_actor',
    'drop policy if exists "registry_lifeevent_insert" on "registry_lifeevent"',
    'create policy "registry_lifeevent_insert" on "registry_lifeevent" for insert to ygt_actor with check (\'registry.resident\' = any((select access.rights())::text[]) and unit_id = any((select access.units())::bigint[]) and exists (select 1 from registry_resident r where r.subject_id = registry_lifeevent.subject_id))',
    'grant insert on "registry_lifeevent" to ygt_actor',
    'drop policy if exists "registry_lifeevent_update" on "registry_lifeevent"',
    "create policy \"registry_lifeevent_update\" on \"registry_lifeevent\" for update to ygt_actor using ('registry.resident' = any((select access.rights())::text[]) and exists (select 1 from registry_resident r where r.subject_id = registry_lifeevent.subject_id)) with check ('registry.resident' = any((select access.rights())::text[]) and exists (select 1 from registry_resident r where r.subject_id = registry_lifeevent.subject_id))",
    'grant update on "registry_lifeevent" to ygt_actor',
    'drop policy if exists "registry_lifeevent_finder_select" on "registry_lifeevent"',
    'create policy "registry_lifeevent_finder_select" on "registry_lifeevent" for select to ygt_finder using (true)',
    'grant select on "registry_lifeevent" to ygt_finder',
    'grant usage on sequence "registry_lifeevent_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("registry", "0024_told_staff")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
