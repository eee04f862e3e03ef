-- The ledger's own guarantees; they hold for everybody, the owner of the tables included.
create schema if not exists finance;
grant usage on schema finance to ygt_actor, ygt_finder;
grant create on schema finance to ygt_finder;

create or replace function finance.posted_is_final() returns trigger language plpgsql as $$
begin
  raise exception '已入账的凭证不能修改或删除，只能红字冲销（%）', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger finance_voucher_final before update or delete on public.finance_voucher
  for each row execute function finance.posted_is_final();
create trigger finance_line_final before update or delete on public.finance_line
  for each row execute function finance.posted_is_final();
create trigger finance_voucher_kept before truncate on public.finance_voucher
  for each statement execute function finance.posted_is_final();
create trigger finance_line_kept before truncate on public.finance_line
  for each statement execute function finance.posted_is_final();

-- The number is drawn under the counter's row lock: no gap (a rollback gives it back), no two alike.
create or replace function finance.numbered() returns trigger language plpgsql security definer
set search_path = pg_catalog, public as $$
begin
  new.month := date_trunc('month', new.posted_on)::date;
  insert into finance_counter (book_id, month, last) values (new.book_id, new.month, 1)
    on conflict (book_id, month) do update set last = finance_counter.last + 1 returning last into new.number;
  new.transaction := txid_current();
  return new;
end $$;
alter function finance.numbered() owner to ygt_finder;
create trigger finance_voucher_numbered before insert on public.finance_voucher
  for each row execute function finance.numbered();

-- A line belongs to the transaction of its voucher and to an account of its voucher's book.
create or replace function finance.line_fits() returns trigger language plpgsql security definer
set search_path = pg_catalog, public as $$
begin
  if not exists (select 1 from finance_voucher v where v.id = new.voucher_id and v.transaction = txid_current()) then
    raise exception '凭证已入账，不能再加分录' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
alter function finance.line_fits() owner to ygt_finder;
create trigger finance_line_fits before insert on public.finance_line
  for each row execute function finance.line_fits();

create or replace function finance.balanced() returns trigger language plpgsql security definer
set search_path = pg_catalog, public as $$
declare lines bigint; difference numeric;
begin
  select count(*), coalesce(sum(debit) - sum(credit), 0) into lines, difference from finance_line where voucher_id = new.id;
  if lines < 2 or difference <> 0 then
    raise exception '凭证借贷不平或没有分录（相差 % 分）', difference using errcode = 'integrity_constraint_violation';
  end if;
  return null;
end $$;
alter function finance.balanced() owner to ygt_finder;
create constraint trigger finance_voucher_balanced after insert on public.finance_voucher
  deferrable initially deferred for each row execute function finance.balanced();
