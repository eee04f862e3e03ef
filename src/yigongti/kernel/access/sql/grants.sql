-- Who may call what. The sign-in functions and the door are all that the login role reaches without a role.
do $$
declare f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'access' loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ygt_finder', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'access' and p.proname in ('today', 'context', 'seat', 'account', 'unit', 'role', 'rights',
                                                          'units', 'subjects', 'purpose') loop
    execute format('grant execute on function %s to ygt_actor', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'access' and p.proname in ('enter', 'enter_robot', 'credentials', 'attempted', 'seats_of',
                                                          'open_session', 'switch_seat', 'close_session',
                                                          'region_place') loop
    execute format('grant execute on function %s to ygt_login', f);
  end loop;
  for f in select p.oid::regprocedure from pg_proc p join pg_namespace n on n.oid = p.pronamespace
            where n.nspname = 'access' and p.prosecdef loop
    execute format('alter function %s owner to ygt_finder', f);
  end loop;
end $$;
