-- After an outage the sealer may have to reach further back than two days: it says from when.
set local role ygt_finder;
drop function audit.seal(int);
set local role ygt_owner;
create function audit.seal(most int, since timestamptz default now() - interval '2 days')
returns table (head_position bigint, head_hash bytea, added int)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare e audit_entry; prev bytea; pos bigint; stamp timestamptz;
begin
  perform pg_advisory_xact_lock(7461001);
  select s.position, s.hash into pos, prev from audit_sealed s order by s.position desc limit 1;
  pos := coalesce(pos, 0); prev := coalesce(prev, '\x'::bytea); added := 0;
  for e in select x.* from audit_entry x
            where x.at > since and not exists (select 1 from audit_sealed s where s.entry_id = x.id)
            order by x.id limit most loop
    pos := pos + 1; added := added + 1; stamp := clock_timestamp();
    prev := sha256(prev || convert_to(audit.canonical(e) || audit.seal_text(pos, stamp), 'UTF8'));
    insert into audit_sealed (position, entry_id, entry_at, hash, sealed_at) values (pos, e.id, e.at, prev, stamp);
  end loop;
  head_position := pos; head_hash := prev;
  return next;
end $$;

-- How many entries have waited for a seal longer than they should, and the database's own time.
create function audit.waiting(since timestamptz, older interval) returns table (entries bigint, moment timestamptz)
language sql stable security definer set search_path = pg_catalog, public as $$
  select count(*), clock_timestamp() from audit_entry e
   where e.at > since and e.at < now() - older and not exists (select 1 from audit_sealed s where s.entry_id = e.id) $$;

revoke all on function audit.seal(int, timestamptz), audit.waiting(timestamptz, interval) from public;
grant execute on function audit.seal(int, timestamptz), audit.waiting(timestamptz, interval) to ygt_login;
alter function audit.seal(int, timestamptz) owner to ygt_finder;
alter function audit.waiting(timestamptz, interval) owner to ygt_finder;
