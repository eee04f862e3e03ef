"""What settling, voiding and adjusting share: one person's lock, the place whose rules hold, rows written and reversed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from django.db import connection

from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.queries import reckoning
from yigongti.benefit.fund.rules.person import Settled
from yigongti.kernel import calendar
from yigongti.kernel.access.facade import Acting
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry


def changed(
    before: Sequence[reckoning.Standing], results: Sequence[Settled]
) -> tuple[tuple[reckoning.Standing, Settled], ...]:
    """Settled claims whose result is another one now."""
    now = {one.claim.claim_id: one for one in results}
    return tuple(
        (one, now[one.claim.claim_id])
        for one in before
        if one.claim.claim_id in now and reckoning.result(now[one.claim.claim_id]) != one.paid
    )


def lock_person(subject_id: int) -> None:
    """One at a time over a person's claims, until the transaction ends. Several persons: in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended('fund.person.' || %s, 0))",
            [registry.canonical_of(subject_id)],
        )


def place_of(acting: Acting, consortium_id: int | None) -> str:
    """The division code whose rules a claim follows: of the resident's consortium, else of the seat."""
    return acting.place if consortium_id is None else reckoning.places_of([consortium_id])[consortium_id]


def write_settlement(
    *, acting: Acting, claim: Claim, result: Settled, place: str, client_id: UUID, sequence: int = 1, reason: str = "",
    case_id: int | None = None,
) -> Settlement:  # fmt: skip
    """One further result row of a claim, with its trace and the kept set of parameters it came from."""
    row: Settlement = Settlement.objects.create(
        claim=claim, sequence=sequence, eligible_fen=result.claim.eligible_fen, trace=result.trace._asdict(),
        parameter_set=policy.keep(place=place, on=claim.end_date), place=place, reason=reason, case_id=case_id,
        client_id=client_id, seat_id=acting.seat_id, settled_at=calendar.now(),
        **dict(zip(reckoning.RESULT, reckoning.result(result), strict=True)),
    )  # fmt: skip
    return row


def reverse(*, acting: Acting, row: Settlement, reason: str, case_id: int | None = None) -> Settlement:
    """The reversing row of a settlement: the same amounts with the opposite sign."""
    made: Settlement = Settlement.objects.create(
        claim_id=row.claim_id, sequence=row.sequence + 1, kind=Settlement.Kind.REVERSAL, reverses=row,
        eligible_fen=-row.eligible_fen, deductible_fen=-row.deductible_fen, ratio_bp=row.ratio_bp, basic_fen=-row.basic_fen,
        serious_fen=-row.serious_fen, aid_fen=-row.aid_fen, person_pays_fen=-row.person_pays_fen,
        parameter_set=row.parameter_set, place=row.place, reason=reason[:200], case_id=case_id,
        client_id=uuid5(row.client_id, "reversal"), seat_id=acting.seat_id, settled_at=calendar.now(),
    )  # fmt: skip
    return made
