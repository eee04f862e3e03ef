-- Whom a claim is about, for seats that read claims but no entries of the index: the first sign of the name, the sealed number (whose
-- last four signs are shown), the township. Only of persons with a claim that the fence of claims shows the seat.
set local role ygt_finder;

create or replace function fund.insured(wanted bigint[])
returns table (subject_id bigint, name text, id_cipher text, township text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select r.subject_id, left(r.name, 1) || repeat('*', greatest(char_length(r.name) - 1, 1)), r.id_cipher::text,
         coalesce(t.name, p.name, '')::text
    from registry_resident r
    left join registry_place p on p.code = r.place left join registry_place t on t.code = p.parent_id and p.level = 5
   where r.subject_id = any(wanted) and exists (
     select 1 from fund_claim c where c.subject_id = r.subject_id
        and (fund.holds(array['fund.bureau'])
             or (fund.holds(array['fund.read', 'fund.office', 'fund.approve', 'fund.audit']) and c.institution_id = any(access.units()))
             or (fund.holds(array['fund.office', 'fund.approve', 'fund.audit']) and c.consortium_id = any(access.units())))) $$;

revoke all on function fund.insured(bigint[]) from public;
grant execute on function fund.insured(bigint[]) to ygt_actor;
set local role ygt_owner;
