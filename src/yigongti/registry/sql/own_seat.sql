-- A death ends the seat that the person has as a resident, and with it every session in it: nobody reads on in the name of the
-- dead (ADR 0045). The account itself and what it holds at work are the administrator's. Each is told to the caller with its
-- former last day, so that a death registered in error gives back exactly these.
set local role ygt_finder;

create or replace function registry.end_own_seats(wanted bigint, last date) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare ended jsonb;
begin
  perform registry.demand('registry.resident');
  with live as (
    select s.id, s.ends from access_seat s
     where s.subject_id = any(registry.same_person(wanted)) and (s.ends is null or s.ends > last) for update),
  done as (update access_seat s set ends = last from live where s.id = live.id returning s.id)
  select coalesce(jsonb_agg(jsonb_build_object('id', live.id, 'ends', live.ends) order by live.id), '[]') into ended
    from live join done using (id);
  return ended;
end $$;

create or replace function registry.revive_own_seats(wanted bigint, former jsonb) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare done int;
begin
  perform registry.demand('registry.resident');
  update access_seat s set ends = (f.one ->> 'ends')::date
    from jsonb_array_elements(former) as f(one)
   where s.id = (f.one ->> 'id')::bigint and s.subject_id = any(registry.same_person(wanted));
  get diagnostics done = row_count;
  return done;
end $$;

revoke all on function registry.end_own_seats(bigint, date), registry.revive_own_seats(bigint, jsonb) from public;
grant execute on function registry.end_own_seats(bigint, date), registry.revive_own_seats(bigint, jsonb) to ygt_actor;
set local role ygt_owner;
