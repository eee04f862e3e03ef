"""Giving a referral its number in the register of the region's year: no number twice, none skipped."""

from __future__ import annotations

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Act

_NEXT = """
with given as (
  insert into referral_filingyear (region_id, year, last) values (%(region)s, %(year)s, 1)
  on conflict (region_id, year) do update set last = referral_filingyear.last + 1 returning last)
insert into referral_filing (case_id, region_id, year, serial, way, filed_at, seat_id)
select %(case)s, %(region)s, %(year)s, last, %(way)s, %(at)s, %(seat)s from given"""


def file(act: Act, way: str) -> None:
    """The next number, in the transaction of the act: a refusal gives it back. Locks the year until the act is done."""
    region, year = act.acting.region_id or act.acting.unit_id, calendar.local(act.at).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"case": act.case.pk, "region": region, "year": year, "way": way, "at": act.at,
                               "seat": act.acting.seat_id})  # fmt: skip
