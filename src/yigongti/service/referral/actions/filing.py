"""Giving a referral its number in the register of the region's year: no number twice, none skipped."""

from __future__ import annotations

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.case.facade import Act
from yigongti.service.referral.models import Filing

_NEXT = """
insert into referral_filingyear (region_id, year, last) values (%s, %s, 1)
on conflict (region_id, year) do update set last = referral_filingyear.last + 1 returning last"""


def file(act: Act, way: str) -> Filing:
    """The next number, in the transaction of the act: a refusal gives it back. Locks the year until the act is done."""
    region, year = act.acting.region_id or act.acting.unit_id, calendar.local(act.at).year
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [region, year])
        (serial,) = cursor.fetchone()
    return Filing.objects.create(
        case=act.case, region_id=region, year=year, serial=serial, way=way, filed_at=act.at, seat_id=act.acting.seat_id
    )
