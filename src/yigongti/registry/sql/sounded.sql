-- Other readings of a name lie beside the home and the township of whoever bears it, so that a search which begins near by reads a
-- dozen of them: two letters are another reading of thousands in a county. Both are always the resident's own.
set local role ygt_finder;

create or replace function registry.sounded_where() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  select r.home_id, r.township_id into new.home_id, new.township_id from registry_resident r where r.subject_id = new.subject_id;
  return new;
end $$;

create or replace function registry.sounded_elsewhere() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  update registry_sounding s set home_id = new.home_id, township_id = new.township_id where s.subject_id = new.subject_id;
  return null;
end $$;

revoke all on function registry.sounded_where(), registry.sounded_elsewhere() from public;
grant execute on function registry.sounded_where(), registry.sounded_elsewhere() to ygt_owner;

update registry_sounding s set home_id = r.home_id, township_id = r.township_id from registry_resident r
 where r.subject_id = s.subject_id and (r.home_id, r.township_id) is distinct from (s.home_id, s.township_id);
set local role ygt_owner;

create or replace trigger registry_sounding_where before insert on registry_sounding
  for each row execute function registry.sounded_where();
create or replace trigger registry_resident_sounded after update of home_id, township_id on registry_resident
  for each row when (old.home_id is distinct from new.home_id or old.township_id is distinct from new.township_id)
  execute function registry.sounded_elsewhere();
