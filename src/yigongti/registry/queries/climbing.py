"""Who can take a patient from whom: receivers of the own consortium and of the alliances that one belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import Exists, OuterRef, Q

from yigongti.kernel.access.models import Seat
from yigongti.kernel.access.once import once
from yigongti.registry.models import AllianceMember, Institution
from yigongti.registry.queries.network import institutions, on_day

STEPS: Mapping[str, int] = {
    "village_clinic": 1, "community_station": 1, "township_centre": 2, "community_centre": 2, "county_general": 3,
    "county_tcm": 3, "mch": 3, "specialist": 3, "private_hospital": 3, "city_hospital": 4,
}  # fmt: skip
"""How high an institution of a kind stands: village 1, town 2, county or district 3, city 4; others take nobody."""


@once
def receiving(
    institution_id: int, consortium_id: int | None, kinds: Sequence[str], kind: str = ""
) -> list[Institution]:
    """Institutions that stand higher and can take a patient of this one.

    Of the own consortium those of `kinds`, and whoever else has somebody at a referral desk; from outside it the leads
    with a desk of alliances in which the institution itself is a member. `kind`: the institution's own, where known.
    """
    here = kind or Institution.objects.filter(pk=institution_id).values_list("kind", flat=True).first() or ""
    higher = [one for one, step in STEPS.items() if step > STEPS.get(here, 0)]
    if not higher:
        return []
    desk = Seat.objects.filter(
        on_day(None), unit_id=OuterRef("pk"), role__rights__contains=["referral.desk"], role__robot=False
    )
    led = AllianceMember.objects.filter(on_day(None), institution_id=institution_id, alliance__lead_id=OuterRef("pk"))
    own = Q(unit__consortium_id=consortium_id)
    return list(institutions(higher).filter(Q(own, kind__in=kinds) | (Q(Exists(desk)) & (own | Q(Exists(led))))))
