"""The settlement of one claim, written once (docs/fund.md 2): integers in, every intermediate value out.

``settle`` is a function of one claim, the person's running sums and the parameters. It is plain Python for the counter
and, the very same functions, compiled by ``batch.compiled`` for files and the cluster, so only what Numba compiles is
used: integers, tuples, no objects. Amounts are fen, ratios basis points (bp), days count from 1970-01-01. Words are
their positions in the vocabularies of ``rules.claims``.

Parameters are one row of integers (``rules.parameters`` writes it); the constants below are the places in it.
"""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from typing import NamedTuple

DEDUCTIBLE = 0  # + 5 x insurance + level
OUTPATIENT_DEDUCTIBLE = 10  # + insurance
TCM_LEVEL_DOWN = 12
CONTRACT_DEDUCTIBLE = 13
RATIO = 14  # + 5 x (2 x insurance + kind) + level
CONTRACT_BONUS = 34
TCM_BONUS = 35
PENALTY = 36
RATIO_MAX = 37
CAP = 38  # + 2 x insurance + kind
AID_THRESHOLD = 42
AID = 43  # + aid class; nothing for none
AID_CAP = 46
TIER_COUNT = 47
TIERS = 48  # lower, upper, bp of each tier
NO_END = 1 << 62
"""The upper bound of a tier that has none."""

SUM_LIMIT = 4 * 10**18
"""No running sum may grow larger: beyond it a 64-bit integer could not hold the next step."""

SUMS = 10
"""Length of a person's running sums: for each insurance year, U of stays, U of visits, O, R."""

TERMS = 10
"""How many numbers `terms` gives."""

INPATIENT = 0
VILLAGE, TOWNSHIP = 0, 1
NONE, UP, DOWN, EXEMPT = 0, 1, 2, 3


class Trace(NamedTuple):
    """Every value on the way of one claim, in the order in which it arises (names of docs/fund.md in brackets)."""

    own_level_fen: int  # deductible of the treating level
    nominal_fen: int  # after the TCM level
    final_fen: int  # after the contract's share [D]
    chain_fen: int  # largest D earlier in the episode [M]
    due_fen: int
    deductible_fen: int
    base_bp: int
    contract_bonus_bp: int
    tcm_bonus_bp: int
    penalty_bp: int
    unclipped_bp: int
    ratio_bp: int
    eligible_fen: int
    share_fen: int  # [u]
    share_before_fen: int  # [U - u]
    share_sum_fen: int  # [U]
    cap_fen: int
    basic_fen: int
    burden_fen: int  # [o]
    burden_before_fen: int  # [O - o]
    burden_sum_fen: int  # [O]
    tiers_before_fen: int  # [F(O - o)]; this and its like are 0 for a visit
    tiers_sum_fen: int  # [F(O)]
    serious_fen: int
    rest_fen: int  # [r]
    rest_before_fen: int  # [R - r]
    rest_sum_fen: int  # [R]
    aid_bp: int
    aid_cap_fen: int
    aid_before_fen: int  # [A(R - r)]
    aid_sum_fen: int  # [A(R)]
    aid_fen: int
    person_pays_fen: int
    chain_after_fen: int  # M for the next claim of the episode


TRACE = Trace._fields
DEDUCTIBLE_AT = TRACE.index("deductible_fen")
RATIO_AT = TRACE.index("ratio_bp")
SHARE_SUM_AT = TRACE.index("share_sum_fen")
BASIC_AT = TRACE.index("basic_fen")
BURDEN_SUM_AT = TRACE.index("burden_sum_fen")
SERIOUS_AT = TRACE.index("serious_fen")
REST_SUM_AT = TRACE.index("rest_sum_fen")
AID_AT = TRACE.index("aid_fen")
PAYS_AT = TRACE.index("person_pays_fen")
CHAIN_AFTER_AT = TRACE.index("chain_after_fen")


def mul(amount: int, bp: int) -> int:
    """*bp* of *amount* (both ≥ 0), half up.

    The same as ``kernel.money.mul``, in two parts so that no product leaves 64 bits even for a year's running sum.
    """
    return amount // 10_000 * bp + (amount % 10_000 * bp + 5_000) // 10_000


def year_of(day: int) -> int:
    """Calendar year of a day, which counts from 1970-01-01 (Gregorian, by eras of 400 years)."""
    shifted = day + 719_468
    era = shifted // 146_097
    in_era = shifted - era * 146_097
    year = (in_era - in_era // 1_460 + in_era // 36_524 - in_era // 146_096) // 365
    in_year = in_era - (365 * year + year // 4 - year // 100)
    # The years of this reckoning begin in March: January and February are its last two months.
    return era * 400 + year + (1 if in_year >= 306 else 0)


def first_day(year: int) -> int:
    """The first day of a calendar year, counted from 1970-01-01."""
    before = year - 1
    return 365 * before + before // 4 - before // 100 + before // 400 - 719_162


def set_on(starts: Sequence[int], first: int, last: int, day: int) -> int:
    """Which of a place's sets of parameters, *first* to *last* (excluded), holds on a day: the last that began; -1 before the first."""
    chosen = -1
    for at in range(first, last):
        if starts[at] <= day:
            chosen = at
    return chosen


def deductible_level(p: Sequence[int], at: int, level: int, tcm: int) -> int:
    """The level whose deductible a stay takes: TCM institutions one lower, never below township (2.1)."""
    if tcm != 0 and p[at + TCM_LEVEL_DOWN] != 0 and level > TOWNSHIP:
        return level - 1
    return level


def final_deductible(p: Sequence[int], at: int, nominal: int, referral: int, contracted: int) -> int:
    """What the contracted family doctor's referral leaves of it [D] (2.1)."""
    if contracted != 0 and referral in (UP, EXEMPT):
        return mul(nominal, p[at + CONTRACT_DEDUCTIBLE])
    return nominal


def tiers(p: Sequence[int], at: int, aid_class: int, x: int) -> int:
    """Serious-illness insurance of a year's burden *x* [F], all tiers (2.4)."""
    paid = 0
    for tier in range(p[at + TIER_COUNT]):
        part = tier_part(p, at, tier, aid_class, x)
        if part < 0:
            break  # tiers ascend: the next one is not reached either
        paid = paid + part
    return paid


def tier_part(p: Sequence[int], at: int, tier: int, aid_class: int, x: int) -> int:
    """What one tier pays of a burden *x*; -1 where it is not reached (2.4)."""
    lower = tier_bound(p, at, p[at + TIERS + 3 * tier], aid_class)
    if x <= lower:
        return -1
    upper = tier_bound(p, at, p[at + TIERS + 3 * tier + 1], aid_class)
    return mul(min(x, upper) - lower, p[at + TIERS + 3 * tier + 2])


def tier_bound(p: Sequence[int], at: int, bound: int, aid_class: int) -> int:
    """A line of a tier for a class of aid: lower for whoever has one, none stays none (2.4)."""
    if aid_class == 0 or bound == NO_END:
        return bound
    return mul(bound, p[at + AID_THRESHOLD])


def aid(p: Sequence[int], at: int, aid_class: int, x: int) -> int:
    """Medical aid of what a year left to pay *x* [A] (2.5); 0 for class none."""
    if aid_class == 0:
        return 0
    return min(p[at + AID_CAP], mul(x, p[at + AID + aid_class]))


def terms(
    p: Sequence[int],
    at: int,
    insurance: int,
    level: int,
    tcm: int,
    in_county: int,
    kind: int,
    referral: int,
    contracted: int,
) -> tuple[int, int, int, int, int, int, int, int, int, int]:
    """What the words of a claim decide, whatever its amounts: its deductible, ratio and cap (docs/fund.md 2.1 to 2.3).

    (own_level, nominal, final [D]; base, contract bonus, TCM bonus, penalty, unclipped, ratio; cap), fen and bp.
    """
    # 2.1 deductible
    if kind == INPATIENT:
        own = p[at + DEDUCTIBLE + 5 * insurance + level]
        nominal = p[at + DEDUCTIBLE + 5 * insurance + deductible_level(p, at, level, tcm)]
        final = final_deductible(p, at, nominal, referral, contracted)
    else:
        own = nominal = final = p[at + OUTPATIENT_DEDUCTIBLE + insurance]

    # 2.2 ratio
    base = p[at + RATIO + 5 * (2 * insurance + kind) + level]
    contract_bonus = p[at + CONTRACT_BONUS] if contracted != 0 and referral != NONE else 0
    tcm_bonus = p[at + TCM_BONUS] if tcm != 0 else 0
    penalty = p[at + PENALTY] if in_county == 0 and referral == NONE else 0
    unclipped = base + contract_bonus + tcm_bonus - penalty
    ratio = min(max(unclipped, 0), p[at + RATIO_MAX])

    # 2.3 basic fund
    cap = p[at + CAP + 2 * insurance + kind]
    return own, nominal, final, base, contract_bonus, tcm_bonus, penalty, unclipped, ratio, cap


def settle(
    p: Sequence[int],
    at: int,
    agreed: Sequence[int],
    aid_class: int,
    kind: int,
    referral: int,
    total: int,
    eligible: int,
    chain: int,
    share_before: int,
    burden_before: int,
    rest_before: int,
) -> tuple[int, ...]:
    """One claim's settlement (docs/fund.md 2.1 to 2.6): the fields of ``Trace``, in order.

    ``p`` at offset ``at``: parameters; ``agreed``: the claim's ``terms`` by them; ``eligible`` = total − excluded − copay_first
    ≥ 0, fen; ``chain`` = M; ``share_before``, ``burden_before``, ``rest_before`` = the person-year's U, O, R without this claim.
    """
    own, nominal, final, base, contract_bonus, tcm_bonus, penalty, unclipped, ratio, cap = agreed

    # 2.1 deductible
    due, chain_after = final, chain
    if kind == INPATIENT:
        due = 0 if referral == DOWN else max(0, final - chain)
        chain_after = max(chain, final)
    deductible = min(eligible, due)

    # 2.3 basic fund
    share = mul(eligible - deductible, ratio)
    share_sum = share_before + share
    basic = min(cap, share_sum) - min(cap, share_before)

    # 2.4 serious-illness insurance and 2.5 medical aid: both terms of each with this claim's class; a visit has no part in either
    burden = tiers_before = tiers_sum = aid_before = aid_sum = 0
    if kind == INPATIENT:
        burden = eligible - basic
        tiers_before = tiers(p, at, aid_class, burden_before)
        tiers_sum = tiers(p, at, aid_class, burden_before + burden)
    burden_sum = burden_before + burden
    serious = tiers_sum - tiers_before
    rest = burden - serious
    rest_sum = rest_before + rest
    if kind == INPATIENT:
        aid_before = aid(p, at, aid_class, rest_before)
        aid_sum = aid(p, at, aid_class, rest_sum)
    helped = aid_sum - aid_before

    # 2.6 the person
    pays = total - basic - serious - helped
    return (
        own, nominal, final, chain, due, deductible,
        base, contract_bonus, tcm_bonus, penalty, unclipped, ratio,
        eligible, share, share_before, share_sum, cap, basic,
        burden, burden_before, burden_sum, tiers_before, tiers_sum, serious,
        rest, rest_before, rest_sum, p[at + AID + aid_class], p[at + AID_CAP], aid_before, aid_sum, helped,
        pays, chain_after,
    )  # fmt: skip


def advance(
    sums: MutableSequence[int],
    p: Sequence[int],
    at: int,
    agreed: Sequence[int],
    year: int,
    insurance: int,
    aid_class: int,
    kind: int,
    referral: int,
    total: int,
    eligible: int,
    chain: int,
) -> tuple[int, ...]:
    """The next claim of one person, in settlement order: settles it by its terms and moves the person's *sums* (length SUMS) on.

    A person-year is an insurance and the calendar year of ``end_date``; years come in order, so one of each insurance
    is kept. The caller keeps the episodes and hands in ``chain``, this one's M (0 at first).
    """
    own = 5 * insurance
    if sums[own] != year:
        sums[own] = year
        sums[own + 1] = sums[own + 2] = sums[own + 3] = sums[own + 4] = 0
    trace = settle(
        p, at, agreed, aid_class, kind, referral, total, eligible, chain,
        sums[own + 1 + kind], sums[own + 3], sums[own + 4],
    )  # fmt: skip
    sums[own + 1 + kind] = trace[SHARE_SUM_AT]
    sums[own + 3] = trace[BURDEN_SUM_AT]
    sums[own + 4] = trace[REST_SUM_AT]
    return trace


def overflowing(share_sum: int, burden_sum: int) -> int:
    """1 when a running sum is beyond SUM_LIMIT, else 0 (R is never above O)."""
    return 1 if share_sum > SUM_LIMIT or burden_sum > SUM_LIMIT else 0


COMPILED = (
    mul, year_of, first_day, set_on, deductible_level, final_deductible, terms, tiers, tier_part, tier_bound, aid, overflowing,
)  # fmt: skip
INLINED = (settle, advance)
"""What ``batch.compiled`` compiles as it stands here: called, or put into the caller so that what nobody asks for of the
trace costs nothing."""
