-- One who will look after another tells them a code; whoever enters it learns whose it is, once. Wrong codes tell nothing.
create or replace function access.take_family_code(wanted bytea)
returns table (subject bigint, name text)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  if access.seat() is null or cardinality(access.subjects()) = 0 then
    raise exception 'only a resident may' using errcode = 'insufficient_privilege';
  end if;
  return query
    update access_familycode c set used_at = now()
     where c.code_hash = wanted and c.used_at is null and c.expires_at > now()
       and c.subject_id <> (access.subjects())[1]
    returning c.subject_id, c.name::text;
end $$;

do $$
begin
  revoke all on function access.take_family_code(bytea) from public;
  grant execute on function access.take_family_code(bytea) to ygt_actor, ygt_finder;
  alter function access.take_family_code(bytea) owner to ygt_finder;
end $$;
