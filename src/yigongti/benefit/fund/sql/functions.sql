-- What the fund must know beyond a seat's own rows, said once and narrowly: a person's earlier claims (the deductible and
-- the caps run over all institutions), finished visits without their record, chains of referrals.
-- Owned by the finder, fixed search path; each asks for a right first.
create schema if not exists fund;
grant usage on schema fund to ygt_actor, ygt_finder;
grant create on schema fund to ygt_finder;
create index if not exists fund_claim_visit on public.fund_claim (visit) where visit is not null;
set local role ygt_finder;

create or replace function fund.holds(wanted text[]) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
  select access.seat() is not null and coalesce(access.rights() && wanted, false) $$;

create or replace function fund.same_person(wanted bigint) returns bigint[]
language sql stable security definer set search_path = pg_catalog, public as $$
  select array(select s.id from access_subject s, (select coalesce(w.canonical_id, w.id) as id from access_subject w
                 where w.id = wanted) root where s.id = root.id or s.canonical_id = root.id) $$;

-- May the seat reckon with this person's claims: a live relation or own area (counter, doctor), a claim in reach (office), all (bureau).
create or replace function fund.may_reckon(wanted bigint) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare same bigint[] := fund.same_person(wanted);
begin
  if fund.holds(array['fund.bureau', 'facts.build']) or access.subjects() && same then return true; end if;
  if fund.holds(array['fund.office', 'fund.approve', 'fund.audit']) and exists (
       select 1 from fund_claim c where c.subject_id = any(same)
          and (c.institution_id = any(access.units()) or c.consortium_id = any(access.units()))) then
    return true;
  end if;
  return fund.holds(array['fund.counter', 'care.visit', 'referral.sender']) and (
    exists (select 1 from access_grant g where g.subject_id = any(same) and g.unit_id = any(access.units())
               and g.starts <= access.today() and (g.ends is null or g.ends >= access.today())
               and (g.until is null or g.until > now()))
    or exists (select 1 from registry_resident r where r.subject_id = any(same)
                  and (r.home_id = any(access.units()) or r.township_id = any(access.units()))));
end $$;

-- The standing claims of a person, at every institution, with what was paid: no diagnosis, no procedure.
create or replace function fund.person_claims(wanted bigint)
returns table (claim_id bigint, person_id bigint, insurance text, aid_class text, institution_id bigint, institution text,
               consortium_id bigint, level text, is_tcm boolean, in_county boolean, kind text, start_date date, end_date date,
               episode_id bigint, referral text, contracted boolean, total_fen bigint, excluded_fen bigint,
               copay_first_fen bigint, visit bigint, setl_id text, settlement_id bigint, deductible_fen bigint,
               ratio_bp int, basic_fen bigint, serious_fen bigint, aid_fen bigint, person_pays_fen bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not fund.may_reckon(wanted) then
    raise exception 'claims of this person are not for this seat' using errcode = 'insufficient_privilege';
  end if;
  return query
    select c.id, wanted, c.insurance::text, c.aid_class::text, c.institution_id, coalesce(nullif(c.outside_name, ''), u.name)::text, c.consortium_id, c.level::text,
           c.is_tcm, c.in_county, c.kind::text, c.start_date, c.end_date, c.episode, c.referral::text, c.contracted,
           c.total_fen, c.excluded_fen, c.copay_first_fen, c.visit, c.setl_id::text, s.id, s.deductible_fen, s.ratio_bp,
           s.basic_fen, s.serious_fen, s.aid_fen, s.person_pays_fen
      from fund_claim c join access_unit u on u.id = c.institution_id
      join fund_settlement s on s.claim_id = c.id and s.kind = 'settled'
       and not exists (select 1 from fund_settlement v where v.reverses_id = s.id)
     where c.subject_id = any(fund.same_person(wanted))
     order by c.end_date, c.start_date, c.id;
end $$;

-- Who bears these identity numbers, with what a claim must know of them; from whole numbers only.
create or replace function fund.insured(identities text[])
returns table (identity text, subject_id bigint, insurance text, aid text, sex text, birth date, consortium_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not fund.holds(array['fund.counter', 'fund.bureau']) then
    raise exception 'insured persons are not for this seat' using errcode = 'insufficient_privilege';
  end if;
  return query
    select r.id_index::text, coalesce(s.canonical_id, s.id), r.insurance::text, r.aid::text, r.sex::text, r.birth_date, t.consortium_id
      from registry_resident r join access_subject s on s.id = r.subject_id
      left join access_unit t on t.id = coalesce(r.township_id, r.home_id)
     where r.id_index = any(identities) and r.id_index <> '' and not r.merged;
end $$;

-- Finished visits at the seat's units that no standing claim was made from.
create or replace function fund.finished_visits(wanted bigint, since date, most int)
returns table (visit_id bigint, subject_id bigint, unit_id bigint, unit text, kind text, started date, closed date,
               principal_dx text, dx_name text, other_dx text[], case_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not fund.holds(array['fund.counter']) then
    raise exception 'visits are not for this seat' using errcode = 'insufficient_privilege';
  end if;
  return query
    select v.id, v.subject_id, v.unit_id, u.name::text, v.kind::text, (v.started_at at time zone 'Asia/Shanghai')::date,
           (v.closed_at at time zone 'Asia/Shanghai')::date,
           coalesce((select d.code from care_diagnosis d where d.visit_id = v.id and d.principal), '')::text,
           coalesce((select d.name from care_diagnosis d where d.visit_id = v.id and d.principal), '')::text,
           array(select d.code::text from care_diagnosis d where d.visit_id = v.id and not d.principal order by d.position),
           v.case_id
      from care_visit v join access_unit u on u.id = v.unit_id
     where v.unit_id = any(access.units()) and v.status = 'closed' and not v.sensitive
       and v.started_at >= since and (wanted is null or v.subject_id = any(fund.same_person(wanted)))
       and not exists (select 1 from fund_claim c join fund_settlement s on s.claim_id = c.id and s.kind = 'settled'
                        where c.visit = v.id and not exists (select 1 from fund_settlement w where w.reverses_id = s.id))
     order by v.closed_at desc limit least(most, 200);
end $$;

-- Referrals that led to the seat's units, with the first case of their chain.
create or replace function fund.chains(wanted bigint)
returns table (case_id bigint, episode_id bigint, direction text, sent date, from_unit text, to_unit text, to_unit_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not fund.holds(array['fund.counter', 'fund.bureau']) then
    raise exception 'referrals are not for this seat' using errcode = 'insufficient_privilege';
  end if;
  return query
    with recursive up(start_id, id, parent_id, depth) as (
      select c.id, c.id, c.parent_id, 0 from case_case c join referral_referral r on r.case_id = c.id
       where r.subject_id = any(fund.same_person(wanted)) and c.to_unit_id = any(access.units())
      union all
      select u.start_id, p.id, p.parent_id, u.depth + 1 from up u join case_case p on p.id = u.parent_id
       where p.flow in ('referral', 'referral_down', 'referral_out') and u.depth < 12)
    select c.id, (select u.id from up u where u.start_id = c.id order by u.depth desc limit 1), r.direction::text,
           (r.sent_at at time zone 'Asia/Shanghai')::date, f.name::text, t.name::text, c.to_unit_id
      from case_case c join referral_referral r on r.case_id = c.id
      join access_unit f on f.id = c.from_unit_id join access_unit t on t.id = c.to_unit_id
     where r.subject_id = any(fund.same_person(wanted)) and c.to_unit_id = any(access.units()) and r.accepted_at is not null
     order by r.sent_at desc limit 20;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'fund' loop
    execute format('revoke all on function %s from public', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'fund'
              and p.proname in ('person_claims', 'insured', 'finished_visits', 'chains', 'may_reckon') loop
    execute format('grant execute on function %s to ygt_actor', f);
  end loop;
end $$;
set local role ygt_owner;
