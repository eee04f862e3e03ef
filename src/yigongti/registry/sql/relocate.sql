-- Another village takes over a person who moved: the one act by which a unit gives a resident away. The row after it is no
-- longer the unit's own, which the fence of residents rightly refuses; so the finder does it, for a person whom the acting
-- seat is responsible for at this moment, or who has come to it with the evidence of a visit.
set local role ygt_finder;

create or replace function registry.relocate(wanted bigint, to_place text, to_address text, to_home bigint, to_township bigint,
                                             to_consortium bigint, to_status text, since date, told_at timestamptz)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  perform registry.demand('registry.resident');
  update registry_resident r set place = to_place, address = to_address, home_id = to_home, township_id = to_township,
         consortium_id = to_consortium, status = to_status, status_on = since, changed_at = told_at
   where r.subject_id = wanted and not r.merged
     and (r.home_id = any(access.units()) or r.township_id = any(access.units()) or r.registered_id = any(access.units())
       or ((to_home = any(access.units()) or to_township = any(access.units()))
           and exists (select 1 from access.related g where g.subject_id = r.subject_id and g.live)));
  return found;
end $$;

revoke all on function registry.relocate(bigint, text, text, bigint, bigint, bigint, text, date, timestamptz) from public;
grant execute on function registry.relocate(bigint, text, text, bigint, bigint, bigint, text, date, timestamptz) to ygt_actor;
set local role ygt_owner;
