-- Person search. LIKE and trigram are not leakproof: through the fence they would scan everything. So these functions run as
-- the finder, see all rows, and give little: masked candidates, capped, counted per seat and minute. Each checks the
-- right of the acting seat first; nothing else may call them.

create or replace function registry.demand(wanted text) returns void
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if access.seat() is null or not (wanted = any(access.rights())) then
    raise exception 'right % is not held', wanted using errcode = 'insufficient_privilege';
  end if;
end $$;

-- One more search by the seat in this minute.
create or replace function registry.count_search(hits int) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  insert into registry_searchtally as t (seat_id, unit_id, minute, searches, shown)
  values (access.seat(), access.unit(), date_trunc('minute', now()), 1, hits)
  on conflict (seat_id, minute) do update set searches = t.searches + 1, shown = t.shown + excluded.shown;
end $$;

-- How often this seat has searched in the last minutes.
create or replace function registry.searched(window_minutes int) returns bigint
language sql stable security definer set search_path = pg_catalog, public as $$
  select coalesce(sum(searches), 0)::bigint from registry_searchtally
   where seat_id = access.seat() and minute > now() - make_interval(mins => window_minutes) $$;

-- What a candidate shows: no identity number, no telephone, no address; the canonical entry in place of a merged one.
-- nearness: 0 of the seat's own units, 1 of its consortium, 2 elsewhere. visible: the person's page will open.
create or replace function registry.candidates(ids bigint[])
returns table (subject bigint, name text, sex text, birth date, village text, township text, record_tail text,
               status text, nearness int, visible boolean)
language sql stable security definer set search_path = pg_catalog, public as $$
  with me as (select access.units() as units, u.consortium_id as con from access_unit u where u.id = access.unit()),
       wanted as (select coalesce(s.canonical_id, s.id) as id, min(w.at) as at
                    from unnest(ids) with ordinality as w(id, at) join access_subject s on s.id = w.id
                   group by coalesce(s.canonical_id, s.id))
  select r.subject_id, r.name::text, r.sex::text, r.birth_date, coalesce(p.name, '')::text, coalesce(t.name, '')::text,
         right(r.record_number, 4), r.status::text,
         case when r.home_id = any(me.units) or r.township_id = any(me.units) or r.registered_id = any(me.units) then 0
              when r.consortium_id = me.con then 1 else 2 end,
         r.home_id = any(me.units) or r.township_id = any(me.units) or r.registered_id = any(me.units)
           or exists (select 1 from access_grant g where g.subject_id = r.subject_id and g.unit_id = any(me.units))
    from wanted join registry_resident r on r.subject_id = wanted.id cross join me
    left join registry_place p on p.code = r.place left join access_unit t on t.id = r.township_id
   order by wanted.at $$;

-- The scopes in which a seat looks, nearest first, as conditions on registry_resident.
create or replace function registry.scopes() returns text[]
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare me access_unit; town bigint; out text[] := '{}'; con bigint;
begin
  select * into strict me from access_unit where id = access.unit();
  if me.kind in ('institution', 'department') then
    select u.id into town from access_unit u where u.id in (me.id, me.parent_id)
       and exists (select 1 from registry_resident r where r.township_id = u.id) order by u.id = me.id desc limit 1;
    out := out || format('home_id = %s', me.id);
    if town is not null then out := out || format('township_id = %s', town); end if;
  end if;
  for con in select u.id from access_unit u where u.kind = 'consortium'
              and (u.id = coalesce(me.consortium_id, me.id) or (me.kind = 'region' and u.region_id = me.id)) order by u.id loop
    out := out || format('consortium_id = %s', con);
  end loop;
  return out || 'consortium_id is null'::text;
end $$;

-- The search itself. `q` begins a name (Chinese) or its sound (letters); `place` begins a village's or township's name.
-- `identity`, `phone`, `last4` are keyed indexes. Returns up to `most` candidates, those nearest to the seat first.
create or replace function registry.search(q text, letters boolean, identity text, phone text, record text, last4 text,
                                           place text, most int)
returns table (subject bigint, name text, sex text, birth date, village text, township text, record_tail text,
               status text, nearness int, visible boolean)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
  cap constant int := least(greatest(most, 1), 101);
  ids bigint[] := '{}'; part bigint[]; scope text; col text; narrow text := ''; villages text[]; cols text[];
begin
  perform registry.demand('resident.search');
  if identity <> '' then
    ids := array(select r.subject_id from registry_resident r where r.id_index = identity limit cap);
  elsif phone <> '' then
    ids := array(select r.subject_id from registry_resident r where r.phone_index = phone order by r.birth_date limit cap);
  elsif record <> '' then
    ids := array(select r.subject_id from registry_resident r where r.record_number = record);
  elsif q <> '' or (last4 <> '' and place <> '') then
    if place <> '' then
      villages := array(select v.code from registry_place v join registry_place p
                          on v.code = p.code or (p.level = 4 and v.parent_id = p.code)
                         where p.level in (4, 5) and p.name ~>=~ place and p.name ~<~ (place || chr(1114111))
                           and left(p.code, 6) = (select left(u.place, 6) from access_unit u where u.id = access.unit()));
      narrow := format(' and place = any(%L::text[])', villages);
    end if;
    if last4 <> '' then
      narrow := narrow || format(' and (id_last4 = %L or phone_last4 = %L)', last4, last4);
    end if;
    cols := case when q = '' then array['name'] when letters then array['initials', 'pinyin'] else array['name'] end;
    foreach scope in array registry.scopes() loop
      foreach col in array cols loop
        exit when coalesce(array_length(ids, 1), 0) >= cap;
        execute format(
          'select array(select subject_id from registry_resident where %s and %I ~>=~ %L and %I ~<~ %L%s'
          ' and not subject_id = any(%L::bigint[]) order by %s%I using ~<~ limit %s)',
          scope, col, q, col, q || chr(1114111), narrow, ids, case when narrow = '' then '' else 'subject_id * 0, ' end,
          col, cap - coalesce(array_length(ids, 1), 0)) into part;
        ids := ids || part;
      end loop;
    end loop;
  end if;
  perform registry.count_search(coalesce(array_length(ids, 1), 0));
  return query select * from registry.candidates(ids);
end $$;

-- One candidate again, for the page on which a relation is made. Counted like a search.
create or replace function registry.candidate(wanted bigint)
returns table (subject bigint, name text, sex text, birth date, village text, township text, record_tail text,
               status text, nearness int, visible boolean)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  perform registry.demand('resident.search');
  perform registry.count_search(1);
  return query select * from registry.candidates(array[wanted]);
end $$;

-- Does a whole identity number belong to this person? Counted: it could be used to try numbers.
create or replace function registry.identified(wanted bigint, identity text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  perform registry.demand('access.relate');
  perform registry.count_search(0);
  return identity <> '' and exists (
    select 1 from registry_resident r join access_subject s on s.id = r.subject_id
     where coalesce(s.canonical_id, s.id) = (select coalesce(w.canonical_id, w.id) from access_subject w where w.id = wanted)
       and r.id_index = identity);
end $$;

-- Entries that could be the person about to be registered, with what is equal; nothing of theirs beyond a candidate.
create or replace function registry.similar(identity text, phone text, last4 text, wanted_name text, sound text,
                                            wanted_sex text, born date, most int)
returns table (subject bigint, name text, pinyin text, sex text, birth date, village text, township text, place text,
               household text, has_id boolean, same_id boolean, same_last4 boolean, same_phone boolean, visible boolean)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare ids bigint[];
begin
  perform registry.demand('registry.resident');
  ids := array(
    select x.subject_id from (
      select r.subject_id from registry_resident r where identity <> '' and r.id_index = identity
      union select r.subject_id from registry_resident r where phone <> '' and r.phone_index = phone
      union select r.subject_id from registry_resident r where r.birth_date = born and r.pinyin = sound) x limit least(most, 100));
  perform registry.count_search(coalesce(array_length(ids, 1), 0));
  return query
    select r.subject_id, r.name::text, r.pinyin::text, r.sex::text, r.birth_date, coalesce(p.name, '')::text,
           coalesce(t.name, '')::text, r.place::text, r.household::text, r.id_index <> '',
           identity <> '' and r.id_index = identity, last4 <> '' and r.id_last4 = last4,
           phone <> '' and r.phone_index = phone,
           r.home_id = any(access.units()) or r.township_id = any(access.units()) or r.registered_id = any(access.units())
             or exists (select 1 from access_grant g where g.subject_id = r.subject_id and g.unit_id = any(access.units()))
      from registry_resident r left join registry_place p on p.code = r.place
      left join access_unit t on t.id = r.township_id
     where r.subject_id = any(ids) and not r.merged;
end $$;

-- Pairs of entries of the registrar's units that look like one person and have not been judged yet.
create or replace function registry.suspects(most int)
returns table (a bigint, b bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  perform registry.demand('registry.merge');
  return query
    with pairs as (
      select x.subject_id as a, y.subject_id as b from registry_resident x join registry_resident y
          on x.birth_date = y.birth_date and x.pinyin = y.pinyin and x.subject_id < y.subject_id
       where not x.merged and not y.merged and x.registered_id = any(access.units())
         and (x.id_index = '' or y.id_index = '' or x.id_index = y.id_index)
      union
      select x.subject_id, y.subject_id from registry_resident x join registry_resident y
          on x.id_index = y.id_index and x.id_index <> '' and x.subject_id < y.subject_id
       where not x.merged and not y.merged and x.registered_id = any(access.units()))
    select p.a, p.b from pairs p
     where not exists (select 1 from registry_merge m where (m.keep_id, m.duplicate_id) in ((p.a, p.b), (p.b, p.a))
                          and m.unmerged_at is null)
     order by p.a, p.b limit least(most, 1000);
end $$;
