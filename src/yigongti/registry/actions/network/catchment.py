"""Catchment: who is responsible for a place from a day on."""

from __future__ import annotations

from datetime import date, timedelta

from yigongti.registry.models import Catchment
from yigongti.registry.rules.network import in_force


def assign(
    place: str, *, consortium_id: int, township_id: int, clinic_id: int | None, on: date, why: str = ""
) -> Catchment | None:
    """Make a place somebody's from a day on; who was responsible before keeps it until the day before.

    A change that is already fixed for a later day stays; the new line ends before it. Residents of the place follow on
    the day (`follow_catchment`). Returns the line made or changed, None: it was so already.
    """
    wanted = (consortium_id, township_id, clinic_id)
    lines = list(Catchment.objects.filter(place=place).exclude(ends__lt=on).order_by("starts"))
    now = next((line for line in lines if in_force(line.starts, line.ends, on)), None)
    later = next((line for line in lines if line.starts > on), None)
    if now is not None and (now.consortium_id, now.township_id, now.clinic_id) == wanted:
        return None
    ends = later.starts - timedelta(days=1) if later else None
    if now is not None and now.starts == on:
        now.consortium_id, now.township_id, now.clinic_id = wanted
        now.why = why
        now.save(force_update=True)
        changed: Catchment = now
        return changed
    if now is not None:
        now.ends = on - timedelta(days=1)
        now.save(force_update=True)
    made: Catchment = Catchment.objects.create(
        place=place, consortium_id=consortium_id, township_id=township_id, clinic_id=clinic_id, starts=on, ends=ends,
        why=why,
    )  # fmt: skip
    return made
