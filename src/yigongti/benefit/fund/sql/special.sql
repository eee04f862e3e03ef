-- How many stays a consortium's members have had in a year, and how many of them are under special review: numbers only.
create or replace function fund.special_room(consortium bigint, which integer) returns table (stays bigint, applied bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select (select count(*) from fund_claim c
            join fund_settlement s on s.claim_id = c.id and s.kind = 'settled'
             and not exists (select 1 from fund_settlement r where r.reverses_id = s.id)
            join access_unit u on u.id = c.institution_id
           where u.consortium_id = consortium and c.kind = 'inpatient' and c.in_county and c.year = which),
         (select count(*) from fund_special f where f.consortium_id = consortium and f.year = which and f.live)
$$;
alter function fund.special_room(bigint, integer) owner to ygt_finder;
revoke all on function fund.special_room(bigint, integer) from public;
grant execute on function fund.special_room(bigint, integer) to ygt_actor;
