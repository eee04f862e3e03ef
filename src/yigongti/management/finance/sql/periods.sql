-- A closed month takes no voucher, from nobody; closing and posting wait for each other at the month's counter. Red letters:
-- a negative line stands in a voucher that reverses another, and only there.
set local role ygt_finder;
create or replace function finance.numbered() returns trigger language plpgsql security definer
set search_path = pg_catalog, public as $$
declare shut boolean;
begin
  new.month := date_trunc('month', new.posted_on)::date;
  insert into finance_counter (book_id, month, last) values (new.book_id, new.month, 1)
    on conflict (book_id, month) do update set last = finance_counter.last + 1 returning last into new.number;
  select c.closed into shut from finance_closing c where c.book_id = new.book_id and c.month = new.month order by c.id desc limit 1;
  if shut then
    raise exception '% 已结账，不能再记凭证', to_char(new.month, 'YYYY-MM') using errcode = 'restrict_violation';
  end if;
  new.transaction := txid_current();
  return new;
end $$;

create or replace function finance.month_held() returns trigger language plpgsql security definer
set search_path = pg_catalog, public as $$
begin
  new.month := date_trunc('month', new.month)::date;
  insert into finance_counter (book_id, month, last) values (new.book_id, new.month, 0)
    on conflict (book_id, month) do update set last = finance_counter.last;
  return new;
end $$;

create or replace function finance.line_fits() returns trigger language plpgsql security definer
set search_path = pg_catalog, public as $$
declare red boolean;
begin
  select v.reverses_id is not null into red from finance_voucher v where v.id = new.voucher_id and v.transaction = txid_current();
  if red is null then
    raise exception '凭证已入账，不能再加分录' using errcode = 'restrict_violation';
  end if;
  if (new.debit + new.credit < 0) <> red then
    raise exception '红字分录只用于冲销凭证，冲销凭证只有红字分录' using errcode = 'check_violation';
  end if;
  return new;
end $$;
set local role ygt_owner;

create trigger finance_closing_held before insert on public.finance_closing
  for each row execute function finance.month_held();
create trigger finance_closing_final before update or delete on public.finance_closing
  for each row execute function finance.posted_is_final();
create trigger finance_closing_kept before truncate on public.finance_closing
  for each statement execute function finance.posted_is_final();
