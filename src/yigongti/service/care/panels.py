"""What care contributes to other rooms' screens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yigongti.kernel.panel import Panel
from yigongti.registry import facade as registry
from yigongti.service.care import queries


def timeline(context: Any) -> Panel:
    """Slot ``resident.timeline``: the visits of a person that the reader may see, the newest first.

    The context names the person (``subject_id``) and who reads (``acting``).
    """
    subject, acting = context["subject_id"], context["acting"]
    visits = queries.visits_of(subject)
    total = queries.visit_count(subject, visits)
    values = {"visits": visits, "total": total, "staff": acting.may("clinical.read")}
    return Panel("visits", "就诊记录", "care/_visits.html", values)


def allergies(group: Sequence[int]) -> registry.Allergies:
    """Port ``allergies`` of the registry: what the person banner says in red; `group`: all subjects of the person."""
    return queries.allergies_of(group)
