-- Which consortium a person belonged to, and from when to when, the earliest first; `ends` null: now. Nothing for a seat that may
-- not reckon with them.
create or replace function fund.residences(wanted bigint)
returns table (consortium_id bigint, starts date, ends date)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
  same bigint[] := fund.same_person(wanted);
  root bigint := (select coalesce(s.canonical_id, s.id) from access_subject s where s.id = wanted);
begin
  if not fund.may_reckon(wanted) then
    return;
  end if;
  return query
    with own as (
      select r.subject_id, t.consortium_id as consortium, (r.registered_at at time zone 'Asia/Shanghai')::date as registered
        from registry_resident r left join access_unit t on t.id = coalesce(r.township_id, r.home_id)
       where r.subject_id = any(same) and not r.merged order by (r.subject_id = root) desc limit 1),
    past as (select b.consortium_id, b.starts, b.ends from registry_belonging b join own o on o.subject_id = b.subject_id)
    select p.consortium_id, p.starts, p.ends from past p
    union all
    select o.consortium, coalesce((select max(p.ends) + 1 from past p), o.registered), null from own o
    order by 3 nulls last;
end $$;

revoke all on function fund.residences(bigint) from public;
grant execute on function fund.residences(bigint) to ygt_actor;
alter function fund.residences(bigint) owner to ygt_finder;
