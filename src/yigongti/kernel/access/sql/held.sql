-- An account that must first be put in order (a first password, a second factor that its role needs) enters without any
-- right: it reaches its own account page and nothing else, whatever the pages forget to ask.
set local role ygt_finder;

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
         case when a.must_change or (r.second_factor and a.id is not null and a.second_factor is null) then '{}'::text[]
              else r.rights::text[] end,
         access.reach(r.scope, u.id), s.subject_id,
         case when s.subject_id is null then '{}'::bigint[] else array(
           -- every subject that stands for the same person: merged ones point to their canonical one
           select x.id from access_subject x join access_subject me on me.id = s.subject_id
            where x.id = coalesce(me.canonical_id, me.id) or x.canonical_id = coalesce(me.canonical_id, me.id)
            order by x.id <> s.subject_id, x.id) || array(
           select d.subject_id from access_delegation d where d.delegate_id = s.subject_id
             and d.starts <= access.today() and (d.ends is null or d.ends >= access.today())) end, why
    into seat, account, name, title, unit, unit_name, unit_place, consortium, region, role, role_title, rights, units,
         subject, subjects, purpose
    from access_seat s join access_unit u on u.id = s.unit_id join access_role r on r.code = s.role_id
         left join access_account a on a.id = s.account_id
   where s.id = seat_id and s.starts <= access.today() and (s.ends is null or s.ends >= access.today());
  if not found then return; end if;
  if rights = '{}' then units := '{}'; subjects := '{}'; subject := null; end if;
  body := concat_ws(chr(31), pg_backend_pid(), extract(epoch from transaction_timestamp()), seat,
                    coalesce(account::text, ''), unit, role, rights::text, units::text, subjects::text, why);
  perform set_config('ygt.context', access.sign(body) || ' ' || body, true);
  return next;
end $$;

set local role ygt_owner;
