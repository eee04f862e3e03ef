-- A code of the second factor is taken once (RFC 6238, 5.2): neither it nor an older one again. The row's lock makes two who
-- send the same code at the same moment one. A counter far ahead of now was taken while the clock ran ahead; it bars nobody.
create or replace function access.take_code(who bigint, step bigint) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  update access_account a set code_step = step
   where a.id = who and (a.code_step is null or step > a.code_step or step < a.code_step - 2);
  return found;
end $$;

do $$
begin
  revoke all on function access.take_code(bigint, bigint) from public;
  grant execute on function access.take_code(bigint, bigint) to ygt_login, ygt_finder;
  alter function access.take_code(bigint, bigint) owner to ygt_finder;
end $$;
