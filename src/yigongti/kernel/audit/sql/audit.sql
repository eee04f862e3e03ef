create schema if not exists audit;
grant usage on schema audit to ygt_login, ygt_actor, ygt_finder;
grant create on schema audit to ygt_finder;

create sequence audit_entry_id_seq;
create table audit_entry (
  id bigint not null default nextval('audit_entry_id_seq'), at timestamptz not null default clock_timestamp(),
  account_id bigint, seat_id bigint, unit_id bigint, action varchar(40) not null, kind varchar(40) not null,
  ids bigint[] not null, subjects bigint[] not null, why varchar(200) not null, purpose varchar(40) not null,
  outcome varchar(16) not null, source varchar(45) not null, path varchar(200) not null, detail jsonb not null,
  primary key (id, at)
) partition by range (at);
create table audit_entry_default partition of audit_entry default;
create index audit_entry_subjects on audit_entry using gin (subjects);
create index audit_entry_account on audit_entry (account_id, at desc);
create index audit_entry_unit on audit_entry (unit_id, at desc);
create index audit_entry_id on audit_entry (id);
alter table audit_entry_default enable row level security;
alter table audit_entry_default force row level security;
grant usage on sequence audit_entry_id_seq to ygt_finder;

-- Partitions are made ahead of their month by the sealer; what arrives without one falls into the default.
-- It belongs to the owner and may be called by the sealer; a month whose entries already lie in the default stays there.
create or replace function audit.make_partition(month date) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare first date := date_trunc('month', month)::date; name text := 'audit_entry_' || to_char(month, 'YYYY_MM');
begin
  if to_regclass('public.' || name) is null then
    execute format('create table public.%I partition of public.audit_entry for values from (%L) to (%L)', name,
                   first::timestamp at time zone 'Asia/Shanghai', (first + interval '1 month') at time zone 'Asia/Shanghai');
    execute format('alter table public.%I enable row level security', name);
    execute format('alter table public.%I force row level security', name);
  end if;
exception when check_violation then
  return;
end $$;

create or replace function audit.write(entries jsonb) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare n bigint;
begin
  insert into audit_entry (account_id, seat_id, unit_id, action, kind, ids, subjects, why, purpose, outcome, source, path, detail)
  select e.account_id, e.seat_id, e.unit_id, e.action, e.kind, e.ids, e.subjects, e.why, e.purpose, e.outcome, e.source,
         e.path, e.detail
    from jsonb_to_recordset(entries) as e(account_id bigint, seat_id bigint, unit_id bigint, action text, kind text,
         ids bigint[], subjects bigint[], why text, purpose text, outcome text, source text, path text, detail jsonb);
  get diagnostics n = row_count;
  return n;
end $$;

create or replace function audit.maintained(reason text, touched bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  insert into audit_entry (action, kind, ids, subjects, why, purpose, outcome, source, path, detail)
  values ('maintenance', 'database', '{}', '{}', left(reason, 200), 'maintenance', 'done', '', '', jsonb_build_object('rows', touched));
end $$;

-- The text that the chain covers: every column, in a fixed order and form.
create or replace function audit.canonical(e audit_entry) returns text language sql stable as $$
  select jsonb_build_array(e.id, to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), e.account_id, e.seat_id,
    e.unit_id, e.action, e.kind, e.ids, e.subjects, e.why, e.purpose, e.outcome, e.source, e.path, e.detail)::text $$;

-- What a seal adds to the text of its entry: its place in the chain and when it was set, so that neither can be altered.
create or replace function audit.seal_text(place bigint, sealed timestamptz) returns text language sql immutable as $$
  select '|' || place || '|' || to_char(sealed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') $$;

-- Chain the committed entries that are not yet sealed. One sealer at a time; returns the head.
create or replace function audit.seal(most int) returns table (head_position bigint, head_hash bytea, added int)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare e audit_entry; prev bytea; pos bigint; stamp timestamptz;
begin
  perform pg_advisory_xact_lock(7461001);
  select s.position, s.hash into pos, prev from audit_sealed s order by s.position desc limit 1;
  pos := coalesce(pos, 0); prev := coalesce(prev, '\x'::bytea); added := 0;
  for e in select x.* from audit_entry x
            where x.at > now() - interval '2 days' and not exists (select 1 from audit_sealed s where s.entry_id = x.id)
            order by x.id limit most loop
    pos := pos + 1; added := added + 1; stamp := clock_timestamp();
    prev := sha256(prev || convert_to(audit.canonical(e) || audit.seal_text(pos, stamp), 'UTF8'));
    insert into audit_sealed (position, entry_id, entry_at, hash, sealed_at) values (pos, e.id, e.at, prev, stamp);
  end loop;
  head_position := pos; head_hash := prev;
  return next;
end $$;

select audit.make_partition((date_trunc('month', now()) + make_interval(months => n))::date) from generate_series(0, 2) n;
