-- The queue is one of the few things that are reachable outside the door: it holds names of jobs and ids.
grant select, insert, update, delete on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers,
  procrastinate_workers to ygt_login;
grant select, insert on procrastinate_jobs, procrastinate_events to ygt_actor;
do $$
declare s text;
begin
  for s in select c.relname from pg_class c where c.relkind = 'S' and c.relname like 'procrastinate%' loop
    execute format('grant usage on sequence %I to ygt_login, ygt_actor', s);
  end loop;
end $$;
