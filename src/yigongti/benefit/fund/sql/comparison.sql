-- What was saved is what was seen: a comparison is followed by further ones, never changed. Holds for the owner of the table too.
create or replace function public.fund_comparison_final() returns trigger language plpgsql as $$
begin
  raise exception '已保存的沙盘比较不能修改或删除，需要时重算成新的一份' using errcode = 'restrict_violation';
end $$;
create trigger fund_comparison_final before update or delete on public.fund_comparison
  for each row execute function public.fund_comparison_final();
