-- Persons, continued: search by every reading of a name and by cards, pairs that look alike, what was written while two
-- entries were one, reading a card. Replaces search, identified and similar of search.sql; the rest of it holds.
set local role ygt_finder;

-- As before (see search.sql), and: other readings of a name (registry_sounding, which knows home and township of each), numbers of
-- cards and of old papers.
create or replace function registry.search(q text, letters boolean, identity text, phone text, record text, last4 text,
                                           place text, most int)
returns table (subject bigint, name text, sex text, birth date, village text, township text, record_tail text,
               status text, nearness int, visible boolean)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
  cap constant int := least(greatest(most, 1), 101);
  ids bigint[] := '{}'; part bigint[]; scopes text[]; scope text; col text; narrow text := ''; near text := ''; villages text[]; cols text[];
begin
  perform registry.demand('resident.search');
  if identity <> '' then
    ids := array(select r.subject_id from registry_resident r where r.id_index = identity
                 union select c.subject_id from registry_card c where c.number_index = identity limit cap);
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
    scopes := registry.scopes();
    if last4 <> '' then
      narrow := narrow || format(' and (id_last4 = %L or phone_last4 = %L)', last4, last4);
      -- Four digits are few people's by their own index: all scopes at once, nearest first, instead of everybody of the name in each.
      near := (select string_agg(format('(%s) is not true, ', x), '' order by at) from unnest(scopes) with ordinality u(x, at));
      scopes := array['(' || array_to_string(scopes, ' or ') || ')'];
    end if;
    cols := case when q = '' then array['name'] when letters then array['initials', 'pinyin'] else array['name'] end;
    foreach scope in array scopes loop
      foreach col in array cols loop
        exit when coalesce(array_length(ids, 1), 0) >= cap;
        execute format(
          'select array(select subject_id from registry_resident where %s and %I ~>=~ %L and %I ~<~ %L%s'
          ' and not subject_id = any(%L::bigint[]) order by %s%s%I using ~<~ limit %s)',
          scope, col, q, col, q || chr(1114111), narrow, ids, near, case when narrow = '' then '' else 'subject_id * 0, ' end,
          col, cap - coalesce(array_length(ids, 1), 0)) into part;
        ids := ids || part;
      end loop;
      if letters then
        foreach col in array cols loop
          exit when coalesce(array_length(ids, 1), 0) >= cap;
          execute format(
            'select array(select r.subject_id from registry_resident r where %s and r.subject_id in ('
            'select s.subject_id from registry_sounding s where %s and s.%I ~>=~ %L and s.%I ~<~ %L)%s'
            ' and not r.subject_id = any(%L::bigint[]) limit %s)',
            scope, case when scope ~ '^(home|township)_id' then scope else 'true' end, col, q, col, q || chr(1114111), narrow, ids, cap - coalesce(array_length(ids, 1), 0)) into part;
          ids := ids || part;
        end loop;
      end if;
    end loop;
  end if;
  perform registry.count_search(coalesce(array_length(ids, 1), 0));
  return query select * from registry.candidates(ids);
end $$;

-- Every entry of one person, found by key: an expression over both columns would read all subjects of the county.
create or replace function registry.same_person(wanted bigint) returns bigint[]
language sql stable set search_path = pg_catalog, public as $$
  select array(select s.id from access_subject s, (select coalesce(w.canonical_id, w.id) as id from access_subject w
                 where w.id = wanted) root where s.id = root.id or s.canonical_id = root.id) $$;
revoke all on function registry.same_person(bigint) from public;

-- Does a whole number belong to this person: of the paper, or of a card that is still good? Counted.
create or replace function registry.identified(wanted bigint, identity text) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare same bigint[];
begin
  perform registry.demand('access.relate');
  perform registry.count_search(0);
  same := registry.same_person(wanted);
  return identity <> '' and (
    exists (select 1 from registry_resident r where r.subject_id = any(same) and r.id_index = identity)
    or exists (select 1 from registry_card c where c.subject_id = any(same) and c.number_index = identity
                 and c.status = 'active'));
end $$;

-- Was this number a card's that has been reported lost or was replaced? Only ever asked after it did not identify.
create or replace function registry.ended_card(wanted bigint, identity text) returns text
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  perform registry.demand('access.relate');
  return coalesce((select c.status from registry_card c where c.number_index = identity and c.status <> 'active'
                      and c.subject_id = wanted order by c.ended_at desc limit 1), '');
end $$;

-- Entries that could be the person about to be registered (see search.sql); a number is also known from cards and old papers.
create or replace function registry.similar(identity text, phone text, last4 text, wanted_name text, sound text,
                                            wanted_sex text, born date, most int)
returns table (subject bigint, name text, pinyin text, sex text, birth date, village text, township text, place text,
               household text, has_id boolean, same_id boolean, same_last4 boolean, same_phone boolean, visible boolean)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare ids bigint[]; numbered bigint[] := '{}';
begin
  perform registry.demand('registry.resident');
  if identity <> '' then
    numbered := array(select r.subject_id from registry_resident r where r.id_index = identity
                      union select c.subject_id from registry_card c
                             where c.number_index = identity and c.kind = 'document' and c.status = 'active');
  end if;
  ids := array(
    select x.subject_id from (
      select unnest(numbered) as subject_id
      union select r.subject_id from registry_resident r where phone <> '' and r.phone_index = phone
      union select r.subject_id from registry_resident r where r.birth_date = born and r.pinyin = sound
      union select r.subject_id from registry_resident r where r.birth_date = born and r.name = wanted_name) x
     limit least(most, 100));
  perform registry.count_search(coalesce(array_length(ids, 1), 0));
  return query
    select r.subject_id, r.name::text, r.pinyin::text, r.sex::text, r.birth_date, coalesce(p.name, '')::text,
           coalesce(t.name, '')::text, r.place::text, r.household::text, r.id_index <> '',
           r.subject_id = any(numbered), last4 <> '' and r.id_last4 = last4,
           phone <> '' and r.phone_index = phone,
           r.home_id = any(access.units()) or r.township_id = any(access.units()) or r.registered_id = any(access.units())
             or exists (select 1 from access_grant g where g.subject_id = r.subject_id and g.unit_id = any(access.units()))
      from registry_resident r left join registry_place p on p.code = r.place
      left join access_unit t on t.id = r.township_id
     where r.subject_id = any(ids) and not r.merged;
end $$;

-- Pairs of entries worth comparing, found by blocks of equal values and never by comparing all with all. A block of more
-- than `widest` members (a shared telephone) is left out. `since`: only pairs of which one has changed since.
-- Each kind of block is one pass that gathers its members, so that a county of a million is sorted and never joined with
-- itself: how many blocks there will be cannot be estimated, and a join of the guessed size read everybody for each.
create or replace function registry.pairs(since timestamptz, widest int, most int)
returns table (a bigint, b bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public set work_mem = '64MB' as $$
begin
  perform registry.demand('registry.merge');
  return query
    with blocks as (
      select array_agg(x.id) as ids from (
          select r.subject_id as id, r.birth_date, r.pinyin, r.changed_at from registry_resident r where not r.merged
          union all
          select r.subject_id, r.birth_date, s.pinyin, r.changed_at
            from registry_sounding s join registry_resident r on r.subject_id = s.subject_id where not r.merged) x
       group by x.birth_date, x.pinyin
      having count(*) between 2 and widest and (since is null or max(x.changed_at) >= since)
      union all
      select array_agg(r.subject_id) from registry_resident r where not r.merged and r.id_index <> ''
       group by r.id_index
      having count(*) between 2 and widest and (since is null or max(r.changed_at) >= since)
      union all
      select array_agg(r.subject_id) from registry_resident r where not r.merged and r.phone_index <> ''
       group by r.phone_index, r.birth_date
      having count(*) between 2 and widest and (since is null or max(r.changed_at) >= since)
      union all
      select array_agg(r.subject_id) from registry_resident r where not r.merged and r.phone_index <> ''
       group by r.phone_index, r.pinyin
      having count(*) between 2 and widest and (since is null or max(r.changed_at) >= since)
      union all
      select array_agg(r.subject_id) from registry_resident r where not r.merged and r.household <> ''
       group by r.place, r.household, r.name
      having count(*) between 2 and widest and (since is null or max(r.changed_at) >= since))
    select distinct x.id, y.id from blocks, unnest(blocks.ids) x(id), unnest(blocks.ids) y(id)
     where x.id < y.id
     order by 1, 2 limit most;
end $$;

-- Rows of one table that were written about either entry while the two stood for one person: when, where, by whom; no word of
-- what they say. Asked by whoever separates the two.
create or replace function registry.recorded(merge bigint, tab text, pk text, at_col text, unit_col text, seat_col text,
                                             apart text)
returns table (id bigint, subject bigint, at timestamptz, unit text, seat text, unit_id bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare m registry_merge;
begin
  perform registry.demand('registry.merge');
  select * into m from registry_merge x where x.case_id = merge and x.merged_at is not null;
  if not found then return; end if;
  return query execute format(
    'select x.%I::bigint, x.subject_id::bigint, x.%I::timestamptz, u.name::text, s.name::text, x.%I::bigint from %I x'
    ' left join access_unit u on u.id = x.%I left join access_seat s on s.id = x.%I'
    ' where x.subject_id in ($1, $2) and x.%I >= $3 and ($4 is null or x.%I < $4) and not (%L <> '''' and x.%I::text = %L)'
    ' order by 3, 1 limit 2000',
    pk, at_col, unit_col, tab, unit_col, seat_col, at_col, at_col, apart, pk, merge::text)
    using m.keep_id, m.duplicate_id, m.merged_at, m.unmerged_at;
end $$;

-- Put what was sorted to its side: only rows of the two entries, only as the registrar noted, only once the merge ends.
create or replace function registry.reassign(merge bigint, tab text, pk text) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare m registry_merge; wanted int; done int;
begin
  perform registry.demand('registry.merge_confirm');
  select * into strict m from registry_merge x where x.case_id = merge and x.merged_at is not null and x.unmerged_at is null;
  execute format(
    'select count(*) from %I x join registry_sorting s on s.row = x.%I and s.merge_id = $1 and s."table" = %L'
    ' where x.subject_id in ($2, $3) and x.subject_id <> s.subject_id', tab, pk, tab)
    into wanted using merge, m.keep_id, m.duplicate_id;
  execute format(
    'update %I x set subject_id = s.subject_id from registry_sorting s where s.row = x.%I and s.merge_id = $1'
    ' and s."table" = %L and s.subject_id in ($2, $3) and x.subject_id in ($2, $3) and x.subject_id <> s.subject_id',
    tab, pk, tab) using merge, m.keep_id, m.duplicate_id;
  get diagnostics done = row_count;
  if done <> wanted then raise exception 'registry.reassign: % of % rows of % moved', done, wanted, tab; end if;
  return done;
end $$;

-- Visit relations of the merge's time opened both entries to a unit. When the two are separated, a unit keeps the one about
-- whom it wrote; the relation to the other ends now. A unit that wrote nothing keeps what it had until its day.
create or replace function registry.close_relations(merge bigint) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare m registry_merge; done int;
begin
  perform registry.demand('registry.merge_confirm');
  select * into strict m from registry_merge x where x.case_id = merge and x.merged_at is not null and x.unmerged_at is null;
  update access_grant g set ends = access.today(), until = now()
   where g.subject_id in (m.keep_id, m.duplicate_id) and g.reason = 'visit' and g.made_at >= m.merged_at
     and exists (select 1 from registry_sorting s where s.merge_id = merge and s.unit_id = g.unit_id and s.subject_id <> g.subject_id)
     and not exists (select 1 from registry_sorting s where s.merge_id = merge and s.unit_id = g.unit_id and s.subject_id = g.subject_id);
  get diagnostics done = row_count;
  return done;
end $$;

-- Read a health card by its number: notes the reading, whatever comes of it, and answers whose it is. A dynamic code is
-- good once: the second reading of its nonce is refused and noted.
create or replace function registry.read_card(identity text, how text, once text)
returns table (outcome text, subject bigint, use bigint)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare c registry_card; found_outcome text; made bigint; canonical bigint;
begin
  perform registry.demand('resident.search');
  perform registry.count_search(1);
  select x.* into c from registry_card x where x.number_index = identity order by x.status = 'active' desc, x.id desc limit 1;
  if not found then return; end if;
  perform pg_advisory_xact_lock(7462, hashtext(c.id || coalesce(once, '')));
  found_outcome := case
    when c.status <> 'active' then 'ended'
    when once <> '' and exists (select 1 from registry_carduse u where u.card_id = c.id and u.nonce = once
                                   and u.outcome = 'good') then 'used'
    else 'good' end;
  insert into registry_carduse (card_id, subject_id, unit_id, seat_id, at, how, nonce, outcome)
  values (c.id, c.subject_id, access.unit(), access.seat(), now(), read_card.how, nullif(once, ''), found_outcome)
  returning id into made;
  select coalesce(s.canonical_id, s.id) into canonical from access_subject s where s.id = c.subject_id;
  return query select found_outcome, case when found_outcome = 'good' then canonical end, made;
end $$;

-- Tell whoever holds an open case about a person what has befallen them; returns how many cases.
create or replace function registry.tell_cases(wanted bigint, words text, told_at timestamptz) returns int
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare done int;
begin
  perform registry.demand('registry.resident');
  insert into case_notice (case_id, unit_id, duty, seat_id, at, text, urgent)
  select c.id, c.holder_unit_id, c.holder_duty, c.holder_seat_id, told_at, left(c.title || '：' || words, 300), true
    from case_case c
   where c.closed_at is null and c.holder_unit_id is not null
     and c.subject_id = any(registry.same_person(wanted));
  get diagnostics done = row_count;
  return done;
end $$;

do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'registry'
              and p.proname in ('search', 'identified', 'ended_card', 'similar', 'pairs', 'recorded', 'reassign', 'read_card', 'close_relations',
                                'tell_cases') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ygt_actor', f);
  end loop;
end $$;
set local role ygt_owner;
