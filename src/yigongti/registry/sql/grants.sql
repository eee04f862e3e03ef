do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'registry' loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ygt_finder', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'registry'
              and p.proname in ('search', 'candidate', 'identified', 'similar', 'suspects', 'searched') loop
    execute format('grant execute on function %s to ygt_actor', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'registry' loop
    execute format('alter function %s owner to ygt_finder', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'registry' loop
  end loop;
end $$;
