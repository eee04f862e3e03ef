"""Tags of a simulated county: by the same rules as the robot's, after the visits; some facts that a village established."""

from __future__ import annotations

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Seat
from yigongti.kernel.sampling import Sampling, copy_in, uuid_of
from yigongti.registry import facade as registry
from yigongti.service.care.models import SocialFact
from yigongti.service.care.tags.actions import recompute

FACTS = 40
"""Social facts that villages established; the others are told by the residents' own tags."""
_TOLD = {"lone_elderly": "入户核实，独自居住", "left_behind": "村委会核实，父母均在外务工", "disabled": "残疾人证"}


def sample(sampling: Sampling) -> None:
    """Write social facts and every tag. Runs as owner inside maintenance."""
    rng = sampling.rng("care", "tags")
    seats = {s.unit_id: s.pk for s in Seat.objects.filter(role_id="village_doctor").order_by("-pk")}
    rows, now = [], calendar.now()
    people = registry.Resident.objects.filter(home_id__in=seats, tags__overlap=list(_TOLD)).order_by("pk")
    for one in people[:FACTS]:
        for tag in one.tags:
            if tag in _TOLD:
                rows.append(SocialFact(
                    client_id=uuid_of(rng), subject_id=one.pk, category=tag, evidence=_TOLD[tag], starts=sampling.as_of,
                    unit_id=one.home_id, seat_id=seats[one.home_id], noted_at=now,
                ))  # fmt: skip
    copy_in(rows)
    recompute(place=sampling.place[:6], on=sampling.as_of)
