-- For the checker, which runs as owner on the command line: sealed entries in the chain's order, and what is not sealed.
create or replace function audit.chain(after_position bigint, most int)
returns table (place bigint, entry bigint, hash bytea, sealed_at timestamptz, at timestamptz, body text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select s.position, s.entry_id, s.hash, s.sealed_at, e.at, audit.canonical(e) || audit.seal_text(s.position, s.sealed_at)
    from audit_sealed s left join audit_entry e on e.id = s.entry_id and e.at = s.entry_at
   where s.position > after_position order by s.position limit most $$;

create or replace function audit.unsealed(older_seconds int)
returns table (entry bigint, at timestamptz)
language sql stable security definer set search_path = pg_catalog, public as $$
  select e.id, e.at from audit_entry e
   where e.at < now() - make_interval(secs => older_seconds)
     and not exists (select 1 from audit_sealed s where s.entry_id = e.id and s.entry_at = e.at) order by e.id limit 1000 $$;

revoke all on function audit.chain(bigint, int), audit.unsealed(int) from public;
alter function audit.chain(bigint, int) owner to ygt_finder;
alter function audit.unsealed(int) owner to ygt_finder;
set local role ygt_finder;
grant execute on function audit.chain(bigint, int), audit.unsealed(int) to ygt_owner;
set local role ygt_owner;
