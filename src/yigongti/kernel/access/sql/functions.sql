-- The door. Every function here runs as the finder (its own policies, no grant to anybody) with a fixed search path.
-- The context of a transaction is a setting that carries a keyed digest over its content, the backend and the start of
-- the transaction: code that forges, replays or alters it gets an error, not a wider reach.

create or replace function access.today() returns date language sql stable
as $$ select (now() at time zone 'Asia/Shanghai')::date $$;

create or replace function access.sign(body text) returns text
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare secret bytea;
begin
  select s.key into strict secret from access_secret s;
  return encode(sha256(secret || sha256(secret || convert_to(body, 'UTF8'))), 'hex');
end $$;

create or replace function access.context() returns text[]
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare raw text := current_setting('ygt.context', true); body text; parts text[];
begin
  if raw is null or raw = '' then return null; end if;
  body := substr(raw, 66);
  if left(raw, 64) <> access.sign(body) then
    raise exception 'context is not genuine' using errcode = 'insufficient_privilege';
  end if;
  parts := string_to_array(body, chr(31));
  if parts[1] <> pg_backend_pid()::text or parts[2] <> extract(epoch from transaction_timestamp())::text then
    raise exception 'context belongs to another transaction' using errcode = 'insufficient_privilege';
  end if;
  return parts;
end $$;

create or replace function access.seat() returns bigint language sql stable as $$ select (access.context())[3]::bigint $$;
create or replace function access.account() returns bigint language sql stable
as $$ select nullif((access.context())[4], '')::bigint $$;
create or replace function access.unit() returns bigint language sql stable as $$ select (access.context())[5]::bigint $$;
create or replace function access.role() returns text language sql stable as $$ select (access.context())[6] $$;
create or replace function access.rights() returns text[] language sql stable as $$ select (access.context())[7]::text[] $$;
create or replace function access.units() returns bigint[] language sql stable as $$ select (access.context())[8]::bigint[] $$;
create or replace function access.subjects() returns bigint[] language sql stable
as $$ select (access.context())[9]::bigint[] $$;
create or replace function access.purpose() returns text language sql stable as $$ select (access.context())[10] $$;

-- Which units a seat of this scope reaches.
create or replace function access.reach(scope text, seat_unit bigint) returns bigint[]
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare u access_unit;
begin
  if scope = 'self' then return '{}'; end if;
  if scope = 'unit' then return array[seat_unit]; end if;
  select * into strict u from access_unit where id = seat_unit;
  if scope = 'subtree' then
    return array(select id from access_unit where path @> array[seat_unit] order by id);
  elsif scope = 'consortium' then
    return array(select id from access_unit where consortium_id = coalesce(u.consortium_id, u.id) or id = u.id order by id);
  elsif scope = 'region' then
    return array(select id from access_unit where region_id = coalesce(u.region_id, u.id) or id = u.id order by id);
  end if;
  raise exception 'unknown scope %', scope;
end $$;

create or replace function access.settle(seat_id bigint, why text)
returns table (seat bigint, account bigint, name text, title text, unit bigint, unit_name text, unit_place text,
               consortium bigint, region bigint, role text, role_title text, rights text[], units bigint[],
               subject bigint, subjects bigint[], purpose text)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare body text;
begin
  if coalesce(current_setting('ygt.context', true), '') <> '' then
    raise exception 'already inside the door' using errcode = 'insufficient_privilege';
  end if;
  select s.id, s.account_id, s.name, s.title, u.id, u.name, u.place, u.consortium_id, u.region_id, r.code, r.title,
         r.rights::text[], access.reach(r.scope, u.id), s.subject_id,
         case when s.subject_id is null then '{}'::bigint[] else s.subject_id || array(
           select d.subject_id from access_delegation d where d.delegate_id = s.subject_id
             and d.starts <= access.today() and (d.ends is null or d.ends >= access.today())) end, why
    into seat, account, name, title, unit, unit_name, unit_place, consortium, region, role, role_title, rights, units,
         subject, subjects, purpose
    from access_seat s join access_unit u on u.id = s.unit_id join access_role r on r.code = s.role_id
   where s.id = seat_id and s.starts <= access.today() and (s.ends is null or s.ends >= access.today());
  if not found then return; end if;
  body := concat_ws(chr(31), pg_backend_pid(), extract(epoch from transaction_timestamp()), seat,
                    coalesce(account::text, ''), unit, role, rights::text, units::text, subjects::text, why);
  perform set_config('ygt.context', access.sign(body) || ' ' || body, true);
  return next;
end $$;

-- Enter with a live session's token hash. No row: the session or the seat has ended.
create or replace function access.enter(token bytea, why text)
returns table (seat bigint, account bigint, name text, title text, unit bigint, unit_name text, unit_place text,
               consortium bigint, region bigint, role text, role_title text, rights text[], units bigint[],
               subject bigint, subjects bigint[], purpose text)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare s access_session;
begin
  select x.* into s from access_session x join access_account a on a.id = x.account_id
   where x.token_hash = token and x.closed_at is null and x.ends_at > now() and a.active
     and x.seen_at + make_interval(secs => x.idle_seconds) > now();
  if not found then return; end if;
  if s.seen_at < now() - interval '60 seconds' then
    update access_session x set seen_at = now() where x.id = s.id;
  end if;
  return query select * from access.settle(s.seat_id, why);
end $$;

-- Enter as a robot: a seat without an account, one for each kind of background job.
create or replace function access.enter_robot(which text, why text)
returns table (seat bigint, account bigint, name text, title text, unit bigint, unit_name text, unit_place text,
               consortium bigint, region bigint, role text, role_title text, rights text[], units bigint[],
               subject bigint, subjects bigint[], purpose text)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare found_seat bigint;
begin
  select s.id into found_seat from access_seat s join access_role r on r.code = s.role_id
   where s.role_id = enter_robot.which and s.account_id is null and r.robot;
  if not found then return; end if;
  return query select * from access.settle(found_seat, why);
end $$;

-- Sign-in: what the password check needs, and whether this source must wait.
create or replace function access.credentials(who text, sources text[])
returns table (account bigint, name text, password text, second_factor text, must_change boolean, wait_until timestamptz)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  select max(a.locked_until) into wait_until from access_attempt a
   where a.login = who and a.source = any(sources) and a.locked_until > now();
  select a.id, a.name, a.password, a.second_factor, a.must_change into account, name, password, second_factor, must_change
    from access_account a where a.login = who and a.active;
  return next;
end $$;

-- Count a failure for each source, or forget them after a success. Limits come from policy.
create or replace function access.attempted(who text, sources text[], ok boolean, allowed int[], window_seconds int, lock_seconds int)
returns void language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare i int;
begin
  if ok then
    delete from access_attempt a where a.login = who and a.source = any(sources);
    return;
  end if;
  for i in 1 .. array_length(sources, 1) loop
    insert into access_attempt as a (login, source, failures, last_at) values (who, sources[i], 1, now())
    on conflict (login, source) do update set
      failures = case when a.last_at < now() - make_interval(secs => window_seconds) then 1 else a.failures + 1 end,
      last_at = now();
    update access_attempt a set locked_until = now() + make_interval(secs => lock_seconds), failures = 0
     where a.login = who and a.source = sources[i] and a.failures >= allowed[i];
  end loop;
end $$;

create or replace function access.seats_of(who bigint)
returns table (seat bigint, name text, unit_name text, role text, role_title text)
language sql stable security definer set search_path = pg_catalog, public as $$
  select s.id, s.name::text, u.name::text, r.code::text, r.title::text
    from access_seat s join access_unit u on u.id = s.unit_id join access_role r on r.code = s.role_id
   where s.account_id = who and s.starts <= access.today() and (s.ends is null or s.ends >= access.today())
   order by s.id $$;

create or replace function access.open_session(who bigint, in_seat bigint, token bytea, idle int, lifetime int, src text, ua text)
returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  if not exists (select 1 from access.seats_of(who) x where x.seat = in_seat) then return false; end if;
  insert into access_session (token_hash, account_id, seat_id, opened_at, seen_at, idle_seconds, ends_at, source, agent)
  values (token, who, in_seat, now(), now(), idle, now() + make_interval(secs => lifetime), left(src, 45), left(ua, 200));
  return true;
end $$;

create or replace function access.switch_seat(token bytea, to_seat bigint)
returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  update access_session s set seat_id = to_seat
   where s.token_hash = token and s.closed_at is null and s.ends_at > now()
     and exists (select 1 from access.seats_of(s.account_id) x where x.seat = to_seat);
  return found;
end $$;

create or replace function access.close_session(token bytea)
returns boolean language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  update access_session s set closed_at = now() where s.token_hash = token and s.closed_at is null;
  return found;
end $$;

-- The division whose policy holds before anybody has signed in: that of the database's one region.
create or replace function access.region_place() returns text
language sql stable security definer set search_path = pg_catalog, public as $$
  select place::text from access_unit where kind = 'region' order by id limit 1 $$;
