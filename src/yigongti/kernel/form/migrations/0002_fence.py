"""Row policies of form, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "form_draft" enable row level security',
    'alter table "form_draft" force row level security',
    'revoke all on "form_draft" from ygt_actor, ygt_finder',
    'drop policy if exists "form_draft_select" on "form_draft"',
    'create policy "form_draft_select" on "form_draft" for select to ygt_actor using (account_id = (select access.account()))',
    'grant select on "form_draft" to ygt_actor',
    'drop policy if exists "form_draft_insert" on "form_draft"',
    'create policy "form_draft_insert" on "form_draft" for insert to ygt_actor with check (account_id = (select access.account()))',
    'grant insert on "form_draft" to ygt_actor',
    'drop policy if exists "form_draft_update" on "form_draft"',
    'create policy "form_draft_update" on "form_draft" for update to ygt_actor using (account_id = (select access.account())) with check (account_id = (select access.account()))',
    'grant update on "form_draft" to ygt_actor',
    'drop policy if exists "form_draft_delete" on "form_draft"',
    'create policy "form_draft_delete" on "form_draft" for delete to ygt_actor using (account_id = (select access.account()))',
    'grant delete on "form_draft" to ygt_actor',
    'grant usage on sequence "form_draft_id_seq" to ygt_actor, ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("form", "0001_initial")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
