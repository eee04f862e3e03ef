"""What higher rooms use of care."""

from yigongti.registry.facade import same_person
from yigongti.service.care import sampled
from yigongti.service.care.actions import close_visit, note_allergy, note_problem, open_visit, write_visit
from yigongti.service.care.events import VisitClosed, VisitOpened
from yigongti.service.care.queries import (
    VisitLine,
    allergies_of,
    judged,
    open_here,
    picture,
    problems_of,
    summary,
    visit_of,
    visits_at,
    visits_of,
)
from yigongti.service.care.rules import ALERT_GCS, DiagnosisLine, Picture, VisitSummary

__all__ = [
    "ALERT_GCS", "DiagnosisLine", "Picture", "VisitClosed", "VisitLine", "VisitOpened", "VisitSummary", "allergies_of",
    "close_visit", "judged", "note_allergy", "note_problem", "open_here", "open_visit", "picture", "problems_of", "same_person",
    "sampled", "summary", "visit_of", "visits_at", "visits_of", "write_visit",
]  # fmt: skip
