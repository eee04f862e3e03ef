"""What an institution may do about a guardian, laid on the kernel's delegations."""

from django.db import migrations

SQL = [
    'drop policy if exists "registry_guardian_select" on "access_delegation"',
    'create policy "registry_guardian_select" on "access_delegation" for select to ygt_actor using (\'registry.resident\' = any((select access.rights())::text[]) and exists (select 1 from registry_resident r where r.subject_id = access_delegation.subject_id))',
    'grant select on "access_delegation" to ygt_actor',
    'drop policy if exists "registry_guardian_insert" on "access_delegation"',
    "create policy \"registry_guardian_insert\" on \"access_delegation\" for insert to ygt_actor with check (basis = 'guardian' and 'registry.resident' = any((select access.rights())::text[]) and exists (select 1 from registry_resident r where r.subject_id = access_delegation.subject_id))",
    'grant insert on "access_delegation" to ygt_actor',
    'drop policy if exists "registry_guardian_update" on "access_delegation"',
    "create policy \"registry_guardian_update\" on \"access_delegation\" for update to ygt_actor using (basis = 'guardian' and 'registry.resident' = any((select access.rights())::text[]) and exists (select 1 from registry_resident r where r.subject_id = access_delegation.subject_id)) with check (basis = 'guardian' and 'registry.resident' = any((select access.rights())::text[]) and exists (select 1 from registry_resident r where r.subject_id = access_delegation.subject_id))",
    'grant update on "access_delegation" to ygt_actor',
]


class Migration(migrations.Migration):
    dependencies = [("access", "0007_fence"), ("registry", "0015_fence")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
