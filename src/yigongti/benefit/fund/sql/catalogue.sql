-- What was trained is never changed; a catalogue changes once: when it is published.
create or replace function public.fund_catalogue_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.published_at is not null or (to_jsonb(new) - array['published_at', 'published_by_id', 'published_account'])
     is distinct from (to_jsonb(old) - array['published_at', 'published_by_id', 'published_account']) then
    raise exception '病种目录形成后不能修改或删除（%）', old.case_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger fund_catalogue_final before update or delete on public.fund_catalogue
  for each row execute function public.fund_catalogue_final();
create trigger fund_group_immutable before update or delete on public.fund_cataloguegroup
  for each row execute function public.fund_immutable();
create trigger fund_coefficient_immutable before update or delete on public.fund_coefficient
  for each row execute function public.fund_immutable();
