-- Coefficients of institutions of other consortia, from the newest catalogue that each had published for a year by a moment (null: by now):
-- numbers only, for whoever reckons what stays of the wanted consortium's residents there cost (ADR 0050).
create or replace function fund.coefficients_beside(wanted bigint, which integer, until timestamptz)
returns table (institution_id bigint, coefficient_bp integer)
language sql stable security definer set search_path = pg_catalog, public as $$
  with newest as (
    select distinct on (k.consortium_id) k.case_id, k.consortium_id from fund_catalogue k
     where k.year = which and k.published_at is not null and (until is null or k.published_at <= until) and k.consortium_id <> wanted
     order by k.consortium_id, k.number desc)
  select f.institution_id, f.coefficient_bp from newest n
    join fund_coefficient f on f.catalogue_id = n.case_id
    join access_unit u on u.id = f.institution_id and u.consortium_id = n.consortium_id
   where wanted = any(access.units())
     and access.rights() && array['fund.office', 'fund.approve', 'fund.read', 'fund.audit', 'fund.bureau', 'fund.pool', 'fund.sandbox']
   order by f.institution_id $$;

revoke all on function fund.coefficients_beside(bigint, integer, timestamptz) from public;
grant execute on function fund.coefficients_beside(bigint, integer, timestamptz) to ygt_actor;
alter function fund.coefficients_beside(bigint, integer, timestamptz) owner to ygt_finder;
