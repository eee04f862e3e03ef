-- The relations of the seat's own units. A view of the finder, so that a policy that asks it does not drag the policies of
-- access_grant into its plan; a security barrier, and its own condition, show nobody more than that table's fence does.
create view access.related with (security_barrier) as
  select g.subject_id, g.unit_id,
         g.starts <= access.today() and (g.ends is null or g.ends >= access.today())
           and (g.until is null or g.until > now()) as live
    from public.access_grant g
   where g.unit_id = any((select access.units())::bigint[]);
alter view access.related owner to ygt_finder;
set local role ygt_finder;
revoke all on access.related from public;
grant select on access.related to ygt_actor;
set local role ygt_owner;
