"""What the samples of higher rooms use of care's: the visits that go up, a visit's line, a stay at the hospital."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from functools import cache

from yigongti.kernel import calendar
from yigongti.kernel.access.models import Grant, Seat
from yigongti.registry import facade as registry
from yigongti.service.care.models import Diagnosis, Visit
from yigongti.service.care.queries import VisitLine, visit_of
from yigongti.service.care.sample import REFERRED, moment, uuid_of

__all__ = ["REFERRED", "moment", "move", "name_of", "stay", "visit"]


def visit(visit_id: int) -> VisitLine:
    """A simulated visit. Raises LookupError when there is none."""
    found = visit_of(visit_id)
    if found is None:
        raise LookupError(visit_id)
    return found


@cache
def name_of(code: str) -> str:
    """A diagnosis by its name, the code itself where the table has none."""
    known = registry.diagnosis(code)
    return known.name if known is not None else code


def move(visit_id: int, to: datetime, days: int, seat: Seat) -> None:
    """Put a simulated visit at another moment and another doctor, closed, with a relation of its own."""
    found: Visit = Visit.objects.get(pk=visit_id)
    found.seat, found.unit_id = seat, seat.unit_id
    found.started_at, found.closed_at, found.status = to, to + timedelta(minutes=20), "closed"
    found.save(force_update=True)
    day = calendar.local(to).date()
    Grant.objects.create(
        subject_id=found.subject_id, unit_id=found.unit_id, reason="visit", evidence=found.evidence, starts=day,
        ends=day + timedelta(days=days), seat_id=found.seat_id, made_at=to, acted=True,
    )  # fmt: skip


def stay(
    rng: random.Random, *, subject_id: int, seat: Seat, case_id: int | None, start: datetime, end: datetime, chief: str,
    text: str, plan: str, diagnosis: tuple[str, str],
) -> int:  # fmt: skip
    """A closed stay at the hospital, perhaps brought about by a case; returns the visit's id."""
    made: Visit = Visit.objects.create(
        client_id=uuid_of(rng), subject_id=subject_id, unit_id=seat.unit_id, seat=seat, kind="inpatient",
        evidence="appointment" if case_id else "card", started_at=start, closed_at=end,
        status="closed", case_id=case_id, chief_complaint=chief,
        examination=text, plan=plan, consciousness="alert",
    )  # fmt: skip
    Diagnosis.objects.create(visit=made, code=diagnosis[0], name=diagnosis[1], principal=True)
    return int(made.pk)
