"""What rounds are about: places visited, sent-down patients there, rounds to come, versions of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yigongti.kernel.access.facade import Acting, current
from yigongti.kernel.access.models import Unit
from yigongti.kernel.form import Choice, Env
from yigongti.registry import facade as registry
from yigongti.service.referral.models import PlanVersion, Referral, Round, RoundNote
from yigongti.service.referral.queries.proposing import BASES

BACK = ("returning", "questioned", "followup")
"""States in which a sent-down patient is in the hands of primary care."""


def unit_name(unit_id: int) -> str:
    return Unit.objects.filter(pk=unit_id).values_list("name", flat=True).first() or ""


def round_places(env: Env) -> list[Choice]:
    """Primary care of the consortium, where rounds are held."""
    acting = env.acting or current()
    return [Choice(str(one.pk), one.unit.name) for one in registry.institutions(BASES, acting.consortium_id)]


def base_of(row: Referral) -> int:
    """The institution that has the patient back."""
    case = row.case
    return int(case.from_unit_id if row.direction == "up" else case.to_unit_id)


def _sent_down(acting: Acting) -> Any:
    """Referrals that this hospital sent down and that are not closed."""
    return Referral.objects.select_related("case", "case__from_unit", "case__to_unit").filter(
        case__state__in=BACK, case__closed_at=None
    )


def round_ids(acting: Acting, subject_id: int) -> list[int]:
    same = registry.same_person(subject_id)
    return [row.pk for row in _sent_down(acting).filter(subject_id__in=same) if _mine(row, acting)]


def _mine(row: Referral, acting: Acting) -> bool:
    hospital = row.case.to_unit_id if row.direction == "up" else row.case.from_unit_id
    return hospital in acting.units


def round_referrals(env: Env) -> list[Choice]:
    """The sent-down referrals of the person that this hospital answers for."""
    acting = env.acting or current()
    if env.subject_id is None:
        return []
    same = registry.same_person(env.subject_id)
    rows = [row for row in _sent_down(acting).filter(subject_id__in=same) if _mine(row, acting)]
    return [Choice(str(row.pk), f"{row.case.number} {row.final_dx_name or row.dx_name}", unit_name(base_of(row)))
            for row in rows]  # fmt: skip


def open_rounds(env: Env) -> list[Choice]:
    """Rounds of this hospital that are planned."""
    acting = env.acting or current()
    rows = Round.objects.select_related("unit").filter(case__from_unit_id__in=acting.units, case__closed_at=None)
    return [Choice(str(row.pk), f"{row.on} {row.unit.name}") for row in rows.order_by("on")[:50]]


def rounds_by_case(case_ids: Sequence[int]) -> dict[int, Round]:
    rows = Round.objects.select_related("specialist", "unit").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def notes_by_case(case_ids: Sequence[int]) -> dict[int, RoundNote]:
    rows = RoundNote.objects.select_related("specialist", "referral").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def patients_at(unit_id: int, acting: Acting, most: int = 100) -> list[Referral]:
    """Sent-down patients at an institution whom this hospital answers for: the list of a round."""
    from django.db.models import Q

    at = Q(direction="up", case__from_unit_id=unit_id, case__to_unit_id__in=acting.units) | Q(
        direction="down", case__to_unit_id=unit_id, case__from_unit_id__in=acting.units
    )
    return list(_sent_down(acting).filter(at).order_by("-returned_at")[:most])


def plans_of(referral_id: int) -> list[PlanVersion]:
    """Versions of the plan, newest first."""
    rows = PlanVersion.objects.select_related("written_by", "confirmed_by").filter(referral_id=referral_id)
    return list(rows.order_by("-version"))


def notes_of_round(round_id: int) -> dict[int, RoundNote]:
    """What was noted in a round, by referral."""
    return {row.referral_id: row for row in RoundNote.objects.filter(round_id=round_id)}
