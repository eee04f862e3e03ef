"""Every read: institutions one may complain of, referrals it may be about, rows for the desks and for residents."""

from __future__ import annotations

from collections.abc import Sequence

from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.access.models import Unit
from yigongti.kernel.case.facade import Case
from yigongti.kernel.case.queries import visible
from yigongti.kernel.form import Choice, Env
from yigongti.registry import facade as registry
from yigongti.service.complaint.models import Complaint
from yigongti.service.referral import facade as referral

KINDS = tuple(code for code, _ in registry.INSTITUTION_KINDS)


def place(unit_id: int) -> Unit | None:
    return Unit.objects.filter(pk=unit_id, kind=Unit.Kind.INSTITUTION, active=True).first()


def places(env: Env) -> list[Choice]:
    """Institutions of the consortium, or of the region for a seat of none."""
    acting = env.acting or current()
    return [Choice(str(one.pk), one.unit.name) for one in registry.institutions((), acting.consortium_id)]


def referrals(env: Env) -> list[Choice]:
    """Referrals of the person that the seat sees."""
    if env.subject_id is None:
        return []
    return [
        Choice(
            str(row.pk), f"{calendar.local(row.sent_at):%Y-%m-%d} {row.case.from_unit.name} → {row.case.to_unit.name}"
        )
        for row in referral.of_person(env.subject_id, 10)
    ]


def referral_case(chosen: str | None) -> Case | None:
    """The case of a chosen referral, where the seat sees it."""
    return visible().filter(pk=int(chosen)).first() if chosen and chosen.isdecimal() else None


def by_case(case_ids: Sequence[int]) -> dict[int, Complaint]:
    rows = Complaint.objects.select_related("about", "answered_by", "judged_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def of_resident(acting: Acting) -> list[Complaint]:
    """What a resident reported, or had reported, newest first."""
    rows = Complaint.objects.select_related("case", "about", "case__holder_unit", "case__holder_seat", "case__from_unit",
                                            "case__to_unit")  # fmt: skip
    return list(rows.filter(subject_id__in=acting.subjects).order_by("-reported_at")[:50])
