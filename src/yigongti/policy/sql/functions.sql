-- What every process needs of the amendments, also outside the door (sign-in has limits too): no person is in it.
-- Owned by the finder, fixed search path.
create schema if not exists policy;
grant usage on schema policy to ygt_login, ygt_actor, ygt_finder;
grant create on schema policy to ygt_finder;

-- Changes whenever an amendment is approved; the same ids in the same order are the same shelf.
create or replace function policy.version() returns text
language sql stable security definer set search_path = pg_catalog, public as $$
  select encode(sha256(convert_to(coalesce(string_agg(a.case_id::text, ',' order by a.decided_at, a.case_id), ''), 'UTF8')), 'hex')
    from policy_amendment a where a.decision = 'approved' $$;

-- Approved amendments in the order in which they are laid over the shipped files.
create or replace function policy.changes()
returns table (amendment bigint, place text, key text, starts date, ends date, value text, status text, source text,
               clause text, reason text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select a.case_id, a.place::text, a.key::text, a.starts, a.ends, a.value::text, a.status::text, a.source::text,
         a.clause::text, a.reason::text
    from policy_amendment a where a.decision = 'approved' order by a.decided_at, a.case_id $$;

-- Division codes and names of the region and its counties.
create or replace function policy.regions() returns table (place text, name text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select left(u.place, 6), u.name::text from access_unit u where u.kind = 'region' order by cardinality(u.path), u.id $$;

-- A proposal stays as it was made; what is decided stays decided.
create or replace function policy.amendment_is_final() returns trigger language plpgsql as $$
declare decision text[] := '{decision,decided_by_id,decided_account,decided_at,comment}';
begin
  if old.decision <> '' then
    raise exception 'the amendment % is decided', old.case_id using errcode = 'integrity_constraint_violation';
  end if;
  if (to_jsonb(new) - decision) is distinct from (to_jsonb(old) - decision) then
    raise exception 'the proposal % is not edited', old.case_id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

drop trigger if exists policy_amendment_final on policy_amendment;
create trigger policy_amendment_final before update on policy_amendment
  for each row execute function policy.amendment_is_final();

-- Nobody keeps a set under another hash than its own.
alter table policy_set drop constraint if exists policy_set_is_its_hash;
alter table policy_set add constraint policy_set_is_its_hash
  check (hash = encode(sha256(convert_to(content, 'UTF8')), 'hex'));

revoke all on function policy.version(), policy.changes(), policy.regions() from public;
grant execute on function policy.version(), policy.changes(), policy.regions() to ygt_login, ygt_actor, ygt_finder;
grant execute on function policy.version(), policy.changes(), policy.regions() to ygt_owner;
alter function policy.version() owner to ygt_finder;
alter function policy.changes() owner to ygt_finder;
alter function policy.regions() owner to ygt_finder;
-- The command line (simulation, import) asks too, as owner: granted again, because the change of ownership took it over.
set role ygt_finder;
grant execute on function policy.version(), policy.changes(), policy.regions() to ygt_owner;
reset role;
