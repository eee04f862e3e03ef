-- What was settled is never changed: corrections are further rows. Holds for everybody, the owner of the tables included.
create or replace function public.fund_immutable() returns trigger language plpgsql as $$
begin
  raise exception '已结算的记录不能修改或删除，只能冲销后重新结算（%）', tg_table_name using errcode = 'restrict_violation';
end $$;
create trigger fund_claim_immutable before update or delete on public.fund_claim
  for each row execute function public.fund_immutable();
create trigger fund_settlement_immutable before update or delete on public.fund_settlement
  for each row execute function public.fund_immutable();
create trigger fund_adjustment_immutable before update or delete on public.fund_adjustment
  for each row execute function public.fund_immutable();
