-- Which slots are taken, how and by which channel: no person, no case. A view of the finder, so that somebody who looks
-- for a free place is told which are not, without seeing whose they are.
create view access.taken with (security_barrier) as
  select b.slot_id, b.status, b.channel
    from public.booking_booking b
   where b.status <> 'cancelled' and (select access.seat()) is not null;
alter view access.taken owner to ygt_finder;
set local role ygt_finder;
revoke all on access.taken from public;
grant select on access.taken to ygt_actor;
set local role ygt_owner;
