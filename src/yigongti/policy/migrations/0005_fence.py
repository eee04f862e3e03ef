"""Row policies of policy, as declared beside its tables on the day this was written. Made by `makefence`."""

from django.db import migrations

SQL = [
    'alter table "policy_amendment" enable row level security',
    'alter table "policy_amendment" force row level security',
    'revoke all on "policy_amendment" from ygt_actor, ygt_finder',
    'drop policy if exists "policy_amendment_select" on "policy_amendment"',
    'create policy "policy_amendment_select" on "policy_amendment" for select to ygt_actor using (\'policy.read\' = any((select access.rights())::text[]))',
    'grant select on "policy_amendment" to ygt_actor',
    'drop policy if exists "policy_amendment_insert" on "policy_amendment"',
    "create policy \"policy_amendment_insert\" on \"policy_amendment\" for insert to ygt_actor with check (('policy.propose' = any((select access.rights())::text[]) or 'policy.propose_fund' = any((select access.rights())::text[]) and starts_with(key, 'fund.')) and proposed_by_id = (select access.seat()) and proposed_account = (select access.account()) and decision = '')",
    'grant insert on "policy_amendment" to ygt_actor',
    'drop policy if exists "policy_amendment_update" on "policy_amendment"',
    "create policy \"policy_amendment_update\" on \"policy_amendment\" for update to ygt_actor using ((('policy.approve' = any((select access.rights())::text[]) and proposed_by_id <> (select access.seat())) or (('policy.propose' = any((select access.rights())::text[]) or 'policy.propose_fund' = any((select access.rights())::text[]) and starts_with(key, 'fund.')) and proposed_by_id = (select access.seat()))) and coalesce(decided_by_id, (select access.seat())) = (select access.seat()) and coalesce(decided_account, (select access.account())) = (select access.account())) with check ((('policy.approve' = any((select access.rights())::text[]) and proposed_by_id <> (select access.seat())) or (('policy.propose' = any((select access.rights())::text[]) or 'policy.propose_fund' = any((select access.rights())::text[]) and starts_with(key, 'fund.')) and proposed_by_id = (select access.seat()))) and coalesce(decided_by_id, (select access.seat())) = (select access.seat()) and coalesce(decided_account, (select access.account())) = (select access.account()))",
    'grant update on "policy_amendment" to ygt_actor',
    'drop policy if exists "policy_amendment_finder_select" on "policy_amendment"',
    'create policy "policy_amendment_finder_select" on "policy_amendment" for select to ygt_finder using (true)',
    'grant select on "policy_amendment" to ygt_finder',
]


class Migration(migrations.Migration):
    dependencies = [("policy", "0004_amendment_evidence")]

    operations = [migrations.RunSQL(sql=SQL, reverse_sql=migrations.RunSQL.noop)]
