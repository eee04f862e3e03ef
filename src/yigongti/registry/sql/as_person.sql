-- What a person has as a person and not at work: what was lent, from either side, and the seats as a resident with their sessions. A
-- death ends both, for nobody reads on in the name of the dead, and the dead read nothing (ADR 0045). Consent is not the institution's
-- to end otherwise, so the finder does it for whoever may register the death. Each is told to the caller by kind with its former last
-- day, so that a death registered in error gives back exactly these.
set local role ygt_finder;
drop function if exists registry.end_family(bigint, date), registry.revive_family(bigint, jsonb), registry.end_own_seats(bigint, date),
  registry.revive_own_seats(bigint, jsonb);

create or replace function registry.held_as_person() returns table (kind text, held regclass, whose text)
language sql immutable set search_path = pg_catalog, public as $$
  values ('family', 'public.access_delegation'::regclass, '(t.subject_id = any($1) or t.delegate_id = any($1))'),
         ('seats', 'public.access_seat'::regclass, 't.subject_id = any($1)') $$;

create or replace function registry.end_as_person(wanted bigint, last date) returns jsonb
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare ended jsonb := '{}'; part jsonb; one record;
begin
  perform registry.demand('registry.resident');
  for one in select * from registry.held_as_person() loop
    execute format(
      'with live as (select t.id, t.ends from %1$s t where %2$s and (t.ends is null or t.ends > $2) for update),'
      ' done as (update %1$s t set ends = greatest($2, t.starts - 1) from live where t.id = live.id returning t.id)'
      ' select coalesce(jsonb_agg(jsonb_build_object(''id'', live.id, ''ends'', live.ends) order by live.id), ''[]'')'
      ' from live join done using (id)', one.held, one.whose) into part using registry.same_person(wanted), last;
    ended := ended || jsonb_build_object(one.kind, part);
  end loop;
  return ended;
end $$;

create or replace function registry.revive_as_person(wanted bigint, former jsonb) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare one record;
begin
  perform registry.demand('registry.resident');
  for one in select * from registry.held_as_person() loop
    execute format(
      'update %s t set ends = (f.one ->> ''ends'')::date from jsonb_array_elements($2) f(one)'
      ' where t.id = (f.one ->> ''id'')::bigint and %s', one.held, one.whose)
      using registry.same_person(wanted), coalesce(former -> one.kind, '[]');
  end loop;
end $$;

-- Tell the sides of delegations how they stand: the other side than the one that acts, both where an institution acts; nobody who is
-- dead. A consent between two residents is no case, so the notice leads to the page that shows it (ADR 0046).
create or replace function registry.tell_family(which bigint[], why text, told_at timestamptz) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare done int; me bigint := (access.subjects())[1];
begin
  if me is null then
    perform registry.demand('registry.resident');
  end if;
  insert into case_notice (path, subject_id, duty, at, text, urgent)
  select '/me/family/', x.subject, '', told_at,
         left(x.who || case when d.ends < access.today() then '不再照看' else '又可以照看' end || x.whose || '的记录：' || why, 300), false
    from access_delegation d
   cross join lateral (values (d.delegate_id, '您', coalesce(nullif(d.subject_name, ''), '家人')),
                              (d.subject_id, coalesce(nullif(d.delegate_name, ''), '家人'), '您')) x(subject, who, whose)
    join registry_resident r on r.subject_id = x.subject and r.status <> 'dead'
   where d.id = any(which) and x.subject is distinct from me and (me is null or me in (d.subject_id, d.delegate_id));
  get diagnostics done = row_count;
  return done;
end $$;

revoke all on function registry.held_as_person(), registry.end_as_person(bigint, date), registry.revive_as_person(bigint, jsonb),
  registry.tell_family(bigint[], text, timestamptz) from public;
grant execute on function registry.end_as_person(bigint, date), registry.revive_as_person(bigint, jsonb),
  registry.tell_family(bigint[], text, timestamptz) to ygt_actor;
set local role ygt_owner;
