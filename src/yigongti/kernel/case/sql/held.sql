-- Whom the acting seat has in its own hands: subjects of open cases that name this very seat as their holder, in a domain
-- whose cases it may see. A view of the finder, for policies of clinical tables; it shows a seat nothing but its own work.
create view access.held with (security_barrier) as
  select c.subject_id
    from public.case_case c
   where c.holder_seat_id = (select access.seat()) and c.closed_at is null
     and ('case.' || c.domain) = any((select access.rights())::text[]);
alter view access.held owner to ygt_finder;
set local role ygt_finder;
revoke all on access.held from public;
grant select on access.held to ygt_actor;
set local role ygt_owner;
