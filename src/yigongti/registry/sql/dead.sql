-- Whether a person's death is registered on or before a day: all that a desk that books for somebody unknown to it may learn.
create or replace function registry.died_before(wanted bigint, day date) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
  select exists (
    select 1 from access_subject s join registry_resident r on r.subject_id = coalesce(s.canonical_id, s.id)
     where s.id = wanted and r.status = 'dead' and r.status_on < day and access.seat() is not null) $$;

do $$
begin
  revoke all on function registry.died_before(bigint, date) from public;
  grant execute on function registry.died_before(bigint, date) to ygt_actor, ygt_finder;
  alter function registry.died_before(bigint, date) owner to ygt_finder;
end $$;
