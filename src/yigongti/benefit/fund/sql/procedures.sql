-- A table of kinds of procedures is never changed: a catalogue rests on it.
create trigger fund_procedures_immutable before update or delete on public.fund_proceduretable
  for each row execute function public.fund_immutable();
