-- A death ends what was lent, from either side: nobody reads on in the name of the dead, and the dead read nothing. Consent is
-- not the institution's to end otherwise, so the finder does it, for whoever may register the death. Each is told to the
-- caller with its former last day, so that a death registered in error gives back exactly these.
set local role ygt_finder;

create or replace function registry.end_family(wanted bigint, last date) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare ended jsonb;
begin
  perform registry.demand('registry.resident');
  with live as (
    select d.id, d.ends from access_delegation d
     where (d.subject_id = any(registry.same_person(wanted)) or d.delegate_id = any(registry.same_person(wanted)))
       and (d.ends is null or d.ends > last) for update),
  done as (update access_delegation d set ends = greatest(last, d.starts - 1) from live where d.id = live.id returning d.id)
  select coalesce(jsonb_agg(jsonb_build_object('id', live.id, 'ends', live.ends) order by live.id), '[]') into ended
    from live join done using (id);
  return ended;
end $$;

create or replace function registry.revive_family(wanted bigint, former jsonb) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare done int;
begin
  perform registry.demand('registry.resident');
  update access_delegation d set ends = (f.one ->> 'ends')::date
    from jsonb_array_elements(former) as f(one)
   where d.id = (f.one ->> 'id')::bigint
     and (d.subject_id = any(registry.same_person(wanted)) or d.delegate_id = any(registry.same_person(wanted)));
  get diagnostics done = row_count;
  return done;
end $$;

revoke all on function registry.end_family(bigint, date), registry.revive_family(bigint, jsonb) from public;
grant execute on function registry.end_family(bigint, date), registry.revive_family(bigint, jsonb) to ygt_actor;
set local role ygt_owner;
