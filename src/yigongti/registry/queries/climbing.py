"""Who can take a patient from whom: receivers of the own consortium and of the alliances that one belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from yigongti.kernel import calendar
from yigongti.kernel.access.once import once
from yigongti.registry.models import Institution

STEPS: Mapping[str, int] = {
    "village_clinic": 1, "community_station": 1, "township_centre": 2, "community_centre": 2, "county_general": 3,
    "county_tcm": 3, "mch": 3, "specialist": 3, "private_hospital": 3, "city_hospital": 4,
}  # fmt: skip
"""How high an institution of a kind stands: village 1, town 2, county or district 3, city 4; others take nobody."""


class Higher(NamedTuple):
    """An institution that stands higher than another; `inside` its consortium, at its `lead`."""

    pk: int
    name: str
    kind: str
    inside: bool
    lead: bool


_RECEIVING = """
select i.unit_id, u.name, i.kind, coalesce(u.consortium_id = %(consortium)s, false),
       exists (select 1 from registry_alliance c where c.unit_id = %(consortium)s and c.lead_id = i.unit_id)
  from registry_institution i join access_unit u on u.id = i.unit_id
 where u.active and i.kind = any(%(higher)s::text[]) and (
   (u.consortium_id = %(consortium)s and i.kind = any(%(kinds)s::text[]))
   or exists (
     select 1 from access_seat s join access_role r on r.code = s.role_id
      where s.unit_id = i.unit_id and r.rights @> array['referral.desk']::varchar[] and not r.robot
        and s.starts <= %(on)s and (s.ends is null or s.ends >= %(on)s))
     and (u.consortium_id = %(consortium)s or exists (
       select 1 from registry_alliancemember m join registry_alliance a on a.id = m.alliance_id
        where m.institution_id = %(here)s and a.lead_id = i.unit_id
          and m.starts <= %(on)s and (m.ends is null or m.ends >= %(on)s))))
 order by u.path, u.code"""
"""In SQL: two conditions on dated rows in two tables are longer in the making than in the asking."""


@once
def receiving(institution_id: int, consortium_id: int | None, kinds: Sequence[str], kind: str = "") -> list[Higher]:
    """Institutions that stand higher and can take a patient of this one.

    Of the own consortium those of `kinds`, and whoever else has somebody at a referral desk; from outside it the leads
    with a desk of alliances in which the institution itself is a member. `kind`: the institution's own, where known.
    """
    here = kind or Institution.objects.filter(pk=institution_id).values_list("kind", flat=True).first() or ""
    higher = [one for one, step in STEPS.items() if step > STEPS.get(here, 0)]
    if not higher:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVING, {
            "higher": higher, "consortium": consortium_id, "kinds": list(kinds), "on": calendar.today(), "here": institution_id,
        })  # fmt: skip
        return [Higher(*row) for row in cursor.fetchall()]
