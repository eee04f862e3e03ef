-- What is frozen stays as it is, whoever asks: a round once frozen, and the lines of a frozen round.
create schema if not exists performance;

create or replace function performance.round_is_final() returns trigger language plpgsql as $$
begin
  if old.frozen_at is not null then
    raise exception 'the scores of round % are frozen', old.case_id using errcode = 'integrity_constraint_violation';
  end if;
  if tg_op = 'DELETE' then return old; end if;
  return new;
end $$;

create or replace function performance.line_is_final() returns trigger language plpgsql as $$
declare
  line performance_memberscore;
begin
  if tg_op = 'DELETE' then line := old; else line := new; end if;
  if exists (select 1 from performance_round r where r.case_id = line.round_id and r.frozen_at is not null) then
    raise exception 'the scores of round % are frozen', line.round_id using errcode = 'integrity_constraint_violation';
  end if;
  return line;
end $$;

drop trigger if exists performance_round_final on performance_round;
create trigger performance_round_final before update or delete on performance_round
  for each row execute function performance.round_is_final();
drop trigger if exists performance_line_final on performance_memberscore;
create trigger performance_line_final before insert or update or delete on performance_memberscore
  for each row execute function performance.line_is_final();
