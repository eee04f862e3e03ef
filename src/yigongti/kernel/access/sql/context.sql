-- As in functions.sql, with key and signature in the one function: a page asks some hundred times who acts, and each time a second
-- function of the finder cost a quarter more. What is compared, and with what, is the same.
set local role ygt_finder;

create or replace function access.context() returns text[]
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare raw text := current_setting('ygt.context', true); body text; parts text[]; secret bytea;
begin
  if raw is null or raw = '' then return null; end if;
  body := substr(raw, 66);
  select s.key into strict secret from access_secret s;
  if left(raw, 64) <> encode(sha256(secret || sha256(secret || convert_to(body, 'UTF8'))), 'hex') then
    raise exception 'context is not genuine' using errcode = 'insufficient_privilege';
  end if;
  parts := string_to_array(body, chr(31));
  if parts[1] <> pg_backend_pid()::text or parts[2] <> extract(epoch from transaction_timestamp())::text then
    raise exception 'context belongs to another transaction' using errcode = 'insufficient_privilege';
  end if;
  return parts;
end $$;

set local role ygt_owner;
