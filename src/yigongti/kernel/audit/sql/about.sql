-- Entries about one subject, newest first, as far as the seat may read the log. A function of the finder, because the
-- array operator is not leakproof: below a row policy its index could not be used and the whole log would be read.
create or replace function audit.about(who bigint, before timestamptz, most int)
returns setof audit_entry
language sql stable security definer set search_path = pg_catalog, public as $$
  select e.* from audit_entry e
   where e.subjects @> array[who] and (before is null or e.at < before)
     and (who = any((select access.subjects())::bigint[]) or 'audit.read' = any((select access.rights())::text[])
          or e.account_id = (select access.account())
          or (e.unit_id = any((select access.units())::bigint[]) and 'audit.read_unit' = any((select access.rights())::text[])))
   order by e.at desc limit least(most, 1000) $$;

revoke all on function audit.about(bigint, timestamptz, int) from public;
grant execute on function audit.about(bigint, timestamptz, int) to ygt_actor;
alter function audit.about(bigint, timestamptz, int) owner to ygt_finder;
