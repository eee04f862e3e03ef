"""Every read: rounds for the desk, members that can be scored, frozen scores for whoever clears the year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yigongti.benefit.performance import rules
from yigongti.benefit.performance.models import MemberScore, Round
from yigongti.kernel.access.facade import current
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.once import once
from yigongti.kernel.form import Choice, Env
from yigongti.registry import facade as registry

_CLINICS = ("village_clinic", "community_station")


@dataclass(frozen=True)
class Scores:
    """A frozen round: bp by institution (unit id), deductions in fen."""

    round_id: int
    number: int
    year: int
    consortium_id: int
    assessment_bp: int
    members: Mapping[int, int]
    deductions: Mapping[int, int]
    frozen_at: datetime
    digest: str

    def of(self, path: Sequence[int]) -> int:
        """bp of an institution by its path of units (root first): its own line, else the nearest above, else the
        consortium's.
        """
        return next((self.members[unit] for unit in reversed(path) if unit in self.members), self.assessment_bp)


@once
def consortium(unit_id: int) -> Unit | None:
    """A consortium in the seat's reach."""
    return Unit.objects.filter(pk=unit_id, pk__in=current().units, kind=Unit.Kind.CONSORTIUM, active=True).first()


def consortia(env: Env) -> list[Choice]:
    """Consortia in the seat's reach."""
    acting = env.acting or current()
    rows = Unit.objects.filter(pk__in=acting.units, kind=Unit.Kind.CONSORTIUM, active=True).order_by("code")
    return [Choice(str(unit.pk), unit.name) for unit in rows]


@once
def members(consortium_id: int) -> dict[int, str]:
    """Institutions of a consortium: unit id → name."""
    return {one.pk: one.unit.name for one in registry.institutions((), consortium_id)}


def member_choices(env: Env) -> list[Choice]:
    """Institutions of every consortium in reach."""
    acting = env.acting or current()
    wanted = [one.code for one in consortia(env)] if acting.consortium_id is None else [str(acting.consortium_id)]
    return [Choice(str(pk), name) for unit in wanted for pk, name in members(int(unit)).items()]


def scored(consortium_id: int) -> list[tuple[int, str, str]]:
    """Institutions that a scheme usually scores, without clinics under a township: (unit id, code, name)."""
    rows = registry.institutions((), consortium_id).exclude(kind__in=_CLINICS)
    return [(one.pk, one.unit.code, one.unit.name) for one in rows]


def by_case(case_ids: Sequence[int]) -> dict[int, Round]:
    rows = Round.objects.select_related("consortium", "written_by", "confirmed_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}


def lines_of(round_id: int) -> list[MemberScore]:
    """Lines of a round, highest institutions first."""
    rows = MemberScore.objects.select_related("institution").filter(round_id=round_id)
    return list(rows.order_by("institution__path", "institution__code"))


def digest_of(row: Round) -> str:
    """Hash of what a round says now."""
    lines = [(one.institution.code, one.assessment_bp, one.quality_deduction_fen) for one in lines_of(row.pk)]
    return rules.digest(rules.content(row.consortium.code, row.year, row.number, row.assessment_bp, lines))


def frozen_rounds(consortium_id: int, year: int) -> list[Round]:
    """Frozen rounds of a consortium and year, newest first."""
    rows = Round.objects.filter(consortium_id=consortium_id, year=year, frozen_at__isnull=False)
    return list(rows.select_related("consortium").order_by("-number"))


def frozen_scores(consortium_id: int, year: int, number: int | None = None) -> Scores | None:
    """The newest frozen round, or the one of that number; None where there is none that the seat may see."""
    rows = [row for row in frozen_rounds(consortium_id, year) if number in (None, row.number)]
    if not rows:
        return None
    row = rows[0]
    assert row.frozen_at is not None
    lines = MemberScore.objects.filter(round_id=row.pk)
    told = {one.institution_id: (one.assessment_bp, one.quality_deduction_fen) for one in lines}
    return Scores(
        row.pk, row.number, row.year, row.consortium_id, row.assessment_bp, {pk: bp for pk, (bp, _) in told.items()},
        {pk: fen for pk, (_, fen) in told.items() if fen}, row.frozen_at, row.digest,
    )  # fmt: skip


def codes(consortium_id: int) -> list[tuple[int, str]]:
    """Every institution of a consortium with its code: (unit id, code)."""
    return [(one.pk, one.unit.code) for one in registry.institutions((), consortium_id)]
