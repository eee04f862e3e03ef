-- What is signed stays as it was signed, whoever asks; lines, offers, book figures are never changed at all.
create schema if not exists fund;
grant usage on schema fund to ygt_actor, ygt_finder;
grant create on schema fund to ygt_finder;

create or replace function fund.signed_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception '% is never deleted', tg_table_name using errcode = 'integrity_constraint_violation';
  end if;
  if (to_jsonb(old) ->> tg_argv[0]) is not null then
    raise exception '% % is signed', tg_table_name, old.case_id using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;

create or replace function fund.never_changes() returns trigger language plpgsql as $$
begin
  raise exception '% is never changed', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;

do $$
declare one text;
begin
  foreach one in array array['fund_budget:approved_at', 'fund_paylist:approved_at', 'fund_clearing:approved_at',
                             'fund_agreement:signed_at', 'fund_prepayment:confirmed_on'] loop
    execute format('drop trigger if exists %s_final on %1$s', split_part(one, ':', 1));
    execute format('create trigger %s_final before update or delete on %1$s for each row'
                   ' execute function fund.signed_is_final(%L)', split_part(one, ':', 1), split_part(one, ':', 2));
  end loop;
  foreach one in array array['fund_offer', 'fund_payline', 'fund_clearedmember', 'fund_monthfigure'] loop
    execute format('drop trigger if exists %s_fixed on %1$s', one);
    execute format('create trigger %s_fixed before update or delete on %1$s for each row'
                   ' execute function fund.never_changes()', one);
  end loop;
end $$;

-- Heads of a consortium by insurance on a day: numbers only, for whoever budgets it.
create or replace function fund.headcount(wanted bigint, day date) returns table (insurance text, persons bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select r.insurance::text, count(*) from registry_resident r
   where r.consortium_id = wanted and not r.merged and r.birth_date <= day
     and (r.status = 'living' or r.status_on > day) and r.insurance in ('residents', 'employees')
     and wanted = any(access.units())
     and ('fund.office' = any(access.rights()) or 'fund.bureau' = any(access.rights()))
   group by r.insurance $$;

revoke all on function fund.headcount(bigint, date) from public;
grant execute on function fund.headcount(bigint, date) to ygt_actor, ygt_finder;
alter function fund.headcount(bigint, date) owner to ygt_finder;

-- Heads by the township-level institution that is responsible for them; numbers only.
create or replace function fund.served(wanted bigint, day date) returns table (township bigint, persons bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select r.township_id, count(*) from registry_resident r
   where r.consortium_id = wanted and not r.merged and r.birth_date <= day and r.township_id is not null
     and (r.status = 'living' or r.status_on > day) and wanted = any(access.units())
     and ('fund.pool' = any(access.rights()) or 'fund.office' = any(access.rights()))
   group by r.township_id $$;

revoke all on function fund.served(bigint, date) from public;
grant execute on function fund.served(bigint, date) to ygt_actor, ygt_finder;
alter function fund.served(bigint, date) owner to ygt_finder;

-- Closed referrals among the given cases, between institutions of a consortium: who sent, who received; nobody is named.
create or replace function fund.closed_referrals(wanted bigint[]) returns table (
  id bigint, number text, flow text, from_unit bigint, to_unit bigint)
language sql stable security definer set search_path = pg_catalog, public as $$
  select c.id, c.number::text, c.flow::text, c.from_unit_id, c.to_unit_id from case_case c
   where c.id = any(wanted) and c.flow in ('referral', 'referral_down') and c.outcome = 'closed'
     and c.from_unit_id = any(access.units()) and c.to_unit_id = any(access.units())
     and ('fund.office' = any(access.rights()) or 'fund.approve' = any(access.rights()))
   order by c.id $$;

revoke all on function fund.closed_referrals(bigint[]) from public;
grant execute on function fund.closed_referrals(bigint[]) to ygt_actor, ygt_finder;
alter function fund.closed_referrals(bigint[]) owner to ygt_finder;
