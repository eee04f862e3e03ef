"""Every read of referral: proposals, who can receive, rows for the desks, a resident's progress."""

from yigongti.service.referral.queries.lines import (
    Line,
    Progress,
    Step,
    by_case,
    called,
    expected,
    line_of,
    of_case,
    of_person,
    of_visit,
    progress,
    progress_for_resident,
    steps,
)
from yigongti.service.referral.queries.proposing import (
    BASES,
    HOSPITALS,
    LEVELS,
    SpecialistSource,
    ability,
    base_choices,
    findings,
    newest_visit,
    proposal_up,
    receiver_choices,
    receivers,
    specialists,
    visit_choices,
)

__all__ = [
    "BASES", "HOSPITALS", "LEVELS", "Line", "Progress", "SpecialistSource", "Step", "ability", "base_choices",
    "by_case", "called", "expected", "findings", "line_of", "newest_visit", "of_case", "of_person", "of_visit",
    "progress", "progress_for_resident", "proposal_up", "receiver_choices", "receivers", "specialists", "steps",
    "visit_choices",
]  # fmt: skip
