"""The year end of one consortium: balance, what is kept or borne, and each member's part, to the fen (``docs/fund.md`` 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yigongti.benefit.fund.rules.pool import LEVELS, USES, Budget, PoolFault, PoolParameters
from yigongti.kernel.money import WHOLE, Fen, mul, split


@dataclass(frozen=True)
class Member:
    """An institution in the clearing. *services* counts the valid claims of the consortium's own residents treated there;
    *paid* is Σ pay of all claims it treated, *points_milli* the sum of their points.
    """

    institution_id: int
    level: str
    coefficient_bp: int
    assessment_bp: int
    quality_deduction_fen: Fen
    services: int = 0
    points_milli: int = 0
    paid: Fen = 0

    @property
    def weight(self) -> int:
        """Frozen assessment × services."""
        return self.assessment_bp * self.services

    @property
    def income(self) -> Fen:
        """Paid by the fund less the quality deduction; may be negative."""
        return self.paid - self.quality_deduction_fen


@dataclass(frozen=True)
class Part:
    """What one member gets of a kept surplus, by use, or bears of an overspend (fen)."""

    wages: Fen = 0
    aid: Fen = 0
    capacity: Fen = 0
    overspend: Fen = 0


@dataclass(frozen=True)
class Cleared:
    """One consortium's year, in fen; *reasonable* is the part of an overspend the fund shares in."""

    charged_in: Fen
    charged_out: Fen
    balance: Fen
    kept: Fen
    returned: Fen
    uses: Mapping[str, Fen]
    reasonable: Fen
    fund_share: Fen
    consortium_share: Fen
    parts: Mapping[int, Part]


def clear(
    *, budget: Budget, charged_in: Fen, charged_out: Fen, assessment_bp: int, members: Sequence[Member],
    pool: PoolParameters,
) -> Cleared:  # fmt: skip
    """The year of one consortium. *charged_out* is what was paid outside the county; it counts only if parameters say so.

    Raises PoolFault where something is to be shared and no member has a weight.
    """
    charged_out = charged_out if pool.charge_out_of_county else 0
    balance = budget.pool - charged_in - charged_out
    kept = mul(mul(max(0, balance), pool.surplus_keep_bp), min(assessment_bp, WHOLE))
    over = max(0, -balance)
    reasonable = min(over, mul(budget.pool, pool.overspend_reasonable_bp))
    fund_share = mul(reasonable, pool.overspend_fund_bp)
    uses = split_uses(kept, pool)
    shares = {use: split_levels(uses[use], members, pool) for use in USES}
    borne = split_members(over - fund_share, members)
    return Cleared(
        charged_in=charged_in, charged_out=charged_out, balance=balance, kept=kept, returned=max(0, balance) - kept,
        uses=uses, reasonable=reasonable, fund_share=fund_share, consortium_share=over - fund_share,
        parts={
            one.institution_id: Part(
                **{use: shares[use].get(one.institution_id, 0) for use in USES},
                overspend=borne.get(one.institution_id, 0),
            )
            for one in members
        },
    )  # fmt: skip


def split_uses(kept: Fen, pool: PoolParameters) -> dict[str, Fen]:
    """A kept surplus over its uses; equal remainders in the order wages, aid, capacity."""
    ranked = split(kept, {rank: pool.uses.get(use, 0) for rank, use in enumerate(USES)})
    return {use: ranked[rank] for rank, use in enumerate(USES)}


def split_levels(amount: Fen, members: Sequence[Member], pool: PoolParameters) -> dict[int, Fen]:
    """One use over levels, inside a level over members (institution id → fen).

    A level without weight is left out, which passes its part to the others in proportion; equal remainders: the higher level.
    """
    if not amount:
        return {}
    inside = {
        rank: [one for one in members if one.level == level]
        for rank, level in enumerate(LEVELS)
        if pool.surplus_split.get(level, 0) and any(one.weight for one in members if one.level == level)
    }
    if not inside:
        raise PoolFault(
            "结余无法分配：参与分配的层级中没有成员机构有权重（考核得分 × 服务量），请核对成员表、考核得分和层级比例"
        )
    parts = split(amount, {rank: pool.surplus_split[LEVELS[rank]] for rank in inside})
    return {key: fen for rank, part in parts.items() for key, fen in split_members(part, inside[rank]).items()}


def split_members(amount: Fen, members: Iterable[Member]) -> dict[int, Fen]:
    """An amount over members by weight (institution id → fen); equal remainders: the lower institution id."""
    if not amount:
        return {}
    weights = {one.institution_id: one.weight for one in members}
    if not any(weights.values()):
        raise PoolFault("无法分摊：没有成员机构有权重（考核得分 × 服务量），请核对成员表和考核得分")
    return split(amount, weights)


def check(cleared: Cleared) -> None:
    """The sums that hold in every clearing. Raises AssertionError: a fault of this program, nothing may be published."""
    parts = cleared.parts.values()
    broken = [
        name
        for name, left, right in (
            ("uses", sum(cleared.uses.values()), cleared.kept),
            *((use, sum(getattr(part, use) for part in parts), cleared.uses[use]) for use in USES),
            ("overspend", sum(part.overspend for part in parts), cleared.consortium_share),
            ("surplus", cleared.kept + cleared.returned, max(0, cleared.balance)),
            ("shares", cleared.fund_share + cleared.consortium_share, max(0, -cleared.balance)),
        )
        if left != right
    ]
    if broken:
        raise AssertionError(f"a clearing does not add up: {', '.join(broken)}")
