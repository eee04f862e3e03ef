"""Versions of the plan after the return: written once each, never edited."""

from __future__ import annotations

from typing import Any

from yigongti.kernel.case.facade import Act
from yigongti.service.referral.models import PlanVersion, Referral, RoundNote


def write_plan(
    act: Act, row: Referral, *, origin: str, plan: str, drugs: Any, by: int, note: RoundNote | None = None
) -> PlanVersion:
    """The next version of the referral's plan; the row holds the newest. The case or the row is locked by the caller."""
    last = PlanVersion.objects.filter(referral=row).order_by("-version").values_list("version", flat=True).first()
    return PlanVersion.objects.create(
        referral=row, subject_id=row.subject_id, version=(last or 0) + 1, origin=origin, note=note, plan=plan,
        drugs=drugs, written_by_id=by, at=act.at, confirmed_by_id=act.acting.seat_id if note is not None else None,
    )  # fmt: skip
