"""Row policies of audit, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "audit_entry" enable row level security',
    'alter table "audit_entry" force row level security',
    'revoke all on "audit_entry" from ygt_actor, ygt_finder',
    'drop policy if exists "audit_entry_select" on "audit_entry"',
    "create policy \"audit_entry_select\" on \"audit_entry\" for select to ygt_actor using (subjects && (select access.subjects())::bigint[] or account_id = (select access.account()) or 'audit.read' = any((select access.rights())::text[]) or (unit_id = any((select access.units())::bigint[]) and 'audit.read_unit' = any((select access.rights())::text[])))",
    'grant select on "audit_entry" to ygt_actor',
    'drop policy if exists "audit_entry_finder_select" on "audit_entry"',
    'create policy "audit_entry_finder_select" on "audit_entry" for select to ygt_finder using (true)',
    'grant select on "audit_entry" to ygt_finder',
    'drop policy if exists "audit_entry_finder_insert" on "audit_entry"',
    'create policy "audit_entry_finder_insert" on "audit_entry" for insert to ygt_finder with check (true)',
    'grant insert on "audit_entry" to ygt_finder',
    'alter table "audit_sealed" enable row level security',
    'alter table "audit_sealed" force row level security',
    'revoke all on "audit_sealed" from ygt_actor, ygt_finder',
    'drop policy if exists "audit_sealed_select" on "audit_sealed"',
    'create policy "audit_sealed_select" on "audit_sealed" for select to ygt_actor using (\'audit.read\' = any((select access.rights())::text[]))',
    'grant select on "audit_sealed" to ygt_actor',
    'drop policy if exists "audit_sealed_finder_select" on "audit_sealed"',
    'create policy "audit_sealed_finder_select" on "audit_sealed" for select to ygt_finder using (true)',
    'grant select on "audit_sealed" to ygt_finder',
    'drop policy if exists "audit_sealed_finder_insert" on "audit_sealed"',
    'create policy "audit_sealed_finder_insert" on "audit_sealed" for insert to ygt_finder with check (true)',
    'grant insert on "audit_sealed" to ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_log")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
