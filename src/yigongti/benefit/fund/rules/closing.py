"""From the claims of a year to the clearing of one consortium, by the functions of `pool` and `clearing`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from yigongti.benefit.fund.rules.clearing import Cleared, Member, check, clear
from yigongti.benefit.fund.rules.pool import BY_ITSELF, Budget, PoolParameters, final_point_value, payment, same_pay

WHOLE = 10_000


class Claimed(Protocol):
    """What a claim must tell; amounts in fen."""

    @property
    def claim_id(self) -> int: ...
    @property
    def institution_id(self) -> int: ...
    @property
    def consortium_id(self) -> int | None: ...
    @property
    def in_county(self) -> bool: ...
    @property
    def kind(self) -> str: ...
    @property
    def principal_dx(self) -> str: ...
    @property
    def total_fen(self) -> int: ...
    @property
    def basic_fen(self) -> int: ...


@dataclass(frozen=True)
class Priced:
    """What a claim is paid by: points (milli) by claim id and coefficients (bp) by institution; nothing = 0, 10 000."""

    points: Mapping[int, int]
    coefficients: Mapping[int, int]


@dataclass(frozen=True)
class Closed:
    """A consortium's year with its members and the point value that would exhaust the in-county inpatient part (fen)."""

    cleared: Cleared
    members: tuple[Member, ...]
    final_point_value: int | None
    claims: int


def payer(pool: PoolParameters, priced: Priced) -> Callable[[Claimed], int]:
    """What the fund pays for a claim (fen), as a function of the claim."""

    def pay(one: Claimed) -> int:
        return payment(
            by_points=_by_points(one, pool), total=one.total_fen, basic=one.basic_fen,
            points_milli=priced.points.get(one.claim_id, 0), coefficient_bp=_coefficient(one, pool, priced),
            point_value_fen=pool.point_value_fen,
        )  # fmt: skip

    return pay


def _by_points(one: Claimed, pool: PoolParameters) -> bool:
    return one.in_county and one.kind == BY_ITSELF and pool.inpatient_by == "dip"


def _coefficient(one: Claimed, pool: PoolParameters, priced: Priced) -> int:
    if same_pay(one.principal_dx, pool):
        return WHOLE
    return priced.coefficients.get(one.institution_id, WHOLE)


def close(
    rows: Iterable[Claimed], *, consortium_id: int, budget: Budget, assessment_bp: int, members: Sequence[Member],
    pool: PoolParameters, priced: Priced,
) -> Closed:  # fmt: skip
    """The year of a consortium. `rows`: claims of its residents or treated by its members, each once.

    Raises PoolFault where something is to be shared and no member has a weight.
    """
    pay = payer(pool, priced)
    counted = {one.institution_id: one for one in members}
    inside = outside = own = weighted = claims = inpatient = 0
    for row in rows:
        paid = pay(row)
        mine = row.consortium_id == consortium_id
        if mine:
            claims += 1
            if row.in_county:
                inside += paid
            else:
                outside += paid
            if _by_points(row, pool):
                inpatient += paid
                own += row.total_fen - row.basic_fen
                weighted += priced.points.get(row.claim_id, 0) * _coefficient(row, pool, priced)
        member = counted.get(row.institution_id)
        if member is not None:
            counted[row.institution_id] = replace(
                member, paid=member.paid + paid, services=member.services + mine,
                points_milli=member.points_milli + priced.points.get(row.claim_id, 0),
            )  # fmt: skip
    listed = tuple(counted.values())
    cleared = clear(
        budget=budget, charged_in=inside, charged_out=outside, assessment_bp=assessment_bp, members=listed, pool=pool
    )
    check(cleared)
    part = max(0, budget.pool - (inside - inpatient) - cleared.charged_out)
    return Closed(cleared, listed, final_point_value(part, own, weighted), claims)
