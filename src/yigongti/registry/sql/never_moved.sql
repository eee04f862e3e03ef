-- A move that was taken back leaves no time behind: the row that was kept for it goes, so that every day is again that of the place
-- where the person lived all along. Only for a move that is marked as taken back, for who registers residents.
set local role ygt_finder;

create or replace function registry.never_moved(event bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform registry.demand('registry.resident');
  delete from registry_belonging b using registry_lifeevent e
   where e.id = event and e.undone_at is not null and e.kind = 'moved_in' and e.place_to <> e.place_from
     and b.subject_id = e.subject_id and b.ends = e."on" - 1 and b.place = e.place_from;
end $$;

revoke all on function registry.never_moved(bigint) from public;
grant execute on function registry.never_moved(bigint) to ygt_actor;
set local role ygt_owner;
