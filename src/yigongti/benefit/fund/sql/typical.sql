-- Medians of bills by level, for what a path would cost: of the newest stays with a disease, at most so many a level, so that what it
-- takes does not grow with the county. Nobody's bill is shown: a level with few cases is left out.
drop index if exists public.fund_claim_dx3;
create index if not exists fund_claim_stays on public.fund_claim (left(principal_dx, 3), level, end_date desc)
  where kind = 'inpatient';
grant create on schema fund to ygt_finder;
set local role ygt_finder;
drop function if exists fund.typical(text, date, date, int);

create or replace function fund.typical(dx3 text, levels text[], since date, until date, least_cases int, most int)
returns table (level text, cases bigint, total_fen bigint, excluded_fen bigint, copay_first_fen bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not fund.holds(array['care.visit', 'referral.sender', 'fund.counter', 'fund.office', 'fund.bureau']) then
    raise exception 'figures of bills are not for this seat' using errcode = 'insufficient_privilege';
  end if;
  return query
    select l.one, count(*), percentile_disc(0.5) within group (order by b.total_fen),
           percentile_disc(0.5) within group (order by b.excluded_fen), percentile_disc(0.5) within group (order by b.copay_first_fen)
      from unnest(levels) l(one), lateral (
        select c.total_fen, c.excluded_fen, c.copay_first_fen from fund_claim c
         where c.kind = 'inpatient' and left(c.principal_dx, 3) = dx3 and c.level = l.one and c.end_date between since and until
           and exists (select 1 from fund_settlement s where s.claim_id = c.id and s.kind = 'settled'
                          and not exists (select 1 from fund_settlement v where v.reverses_id = s.id))
         order by c.end_date desc limit most) b
     group by l.one having count(*) >= greatest(least_cases, 2);
end $$;

revoke all on function fund.typical(text, text[], date, date, int, int) from public;
grant execute on function fund.typical(text, text[], date, date, int, int) to ygt_actor;
set local role ygt_owner;
