-- Points that special-case reviews of a consortium's year granted, by claim: numbers only, for whoever may try other parameters.
create or replace function fund.special_granted(wanted bigint, which integer) returns table (claim_id bigint, granted_milli bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select f.claim_id, f.granted_milli from fund_special f
   where f.consortium_id = wanted and f.year = which and f.decision = 'granted'
     and wanted = any(access.units()) and 'fund.sandbox' = any(access.rights())
   order by f.claim_id $$;

revoke all on function fund.special_granted(bigint, integer) from public;
grant execute on function fund.special_granted(bigint, integer) to ygt_actor;
alter function fund.special_granted(bigint, integer) owner to ygt_finder;
