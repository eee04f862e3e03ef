"""One person's claims at the counter: the rule of ``settlement``, interpreted, with its whole trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .claims import (
    AID_CLASSES,
    INSURANCES,
    KINDS,
    LEVELS,
    REFERRALS,
    REJECTIONS,
    VOCABULARIES,
    fault,
    named,
    reason,
    wrong_amounts,
)
from .claims import AMOUNTS as AMOUNT_NAMES
from .parameters import Parameters
from .settlement import SUMS, Trace, advance, overflowing, terms


@dataclass(frozen=True)
class Claim:
    """What settlement needs of a claim; words as in ``rules.claims``, amounts in fen."""

    claim_id: int
    person_id: int
    insurance: str
    aid_class: str
    level: str
    is_tcm: bool
    in_county: bool
    kind: str
    start_date: date
    end_date: date
    episode_id: int | None
    referral: str
    contracted: bool
    total_fen: int
    excluded_fen: int
    copay_first_fen: int
    place: str = ""
    """Whose rules it follows: the place that insured the person on the day; "" where all claims follow one place's."""

    @property
    def eligible_fen(self) -> int:
        """What any fund can pay of."""
        return self.total_fen - self.excluded_fen - self.copay_first_fen

    @property
    def order(self) -> tuple[int, date, date, int]:
        """The settlement order."""
        return (self.person_id, self.end_date, self.start_date, self.claim_id)


@dataclass(frozen=True)
class Settled:
    """A claim with its result: every step, and which set of the parameters it was settled by."""

    claim: Claim
    trace: Trace
    set_index: int


class ClaimFault(ValueError):
    """A claim that cannot be settled; ``code`` is the rejection's, the text Chinese."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


def overlapping(claim: Claim, other: Claim) -> bool:
    """Whether two stays lie on a day that neither begins or ends on for the other: a transfer on the day of discharge does not."""
    if claim.kind != "inpatient" or other.kind != "inpatient":
        return False
    if (claim.start_date, claim.end_date) == (other.start_date, other.end_date):
        return True
    return claim.start_date < other.end_date and other.start_date < claim.end_date


def check(claim: Claim) -> None:
    """Raise ClaimFault for a claim that would be rejected (all but what only a file can have)."""
    unknown = tuple(name for name, words in VOCABULARIES.items() if getattr(claim, name) not in words)
    amounts = (claim.total_fen, claim.excluded_fen, claim.copay_first_fen)
    code = fault(0, 0, *amounts, claim.start_date.toordinal(), claim.end_date.toordinal(), len(unknown))
    if code:
        fields = named(wrong_amounts(*amounts), AMOUNT_NAMES) if code == 3 else unknown
        raise ClaimFault(REJECTIONS[code], reason(code, fields))


def settle_person(claims: Iterable[Claim], parameters: Parameters | Mapping[str, Parameters]) -> list[Settled]:
    """Settle claims, all of them of one person or of several, in settlement order whatever order they come in.

    *parameters*: of one place, or by the place of each claim; sums and chains are the person's and go on from place to place (ADR 0033).
    Raises ClaimFault for a claim that would be rejected or a number that comes twice, ParameterFault for one of a day
    before the first set.
    """
    settled: list[Settled] = []
    person: int | None = None
    sums: list[int] = []
    chains: dict[int, int] = {}
    seen: set[int] = set()
    for claim in sorted(claims, key=lambda one: one.order):
        check(claim)
        if claim.claim_id in seen:
            raise ClaimFault("duplicate", reason(2))
        seen.add(claim.claim_id)
        if claim.person_id != person:
            person, sums, chains = claim.person_id, [0] * SUMS, {}
        law = parameters if isinstance(parameters, Parameters) else parameters[claim.place]
        _, numbers, width = law.packed()
        index = law.index(claim.end_date)
        episode = claim.episode_id
        insurance, kind = INSURANCES.index(claim.insurance), KINDS.index(claim.kind)
        referral = REFERRALS.index(claim.referral)
        agreed = terms(
            numbers, index * width, insurance, LEVELS.index(claim.level), int(claim.is_tcm), int(claim.in_county), kind, referral,
            int(claim.contracted),
        )  # fmt: skip
        trace = Trace(*advance(
            sums, numbers, index * width, agreed, claim.end_date.year, insurance, AID_CLASSES.index(claim.aid_class), kind, referral,
            claim.total_fen, claim.eligible_fen, 0 if episode is None else chains.get(episode, 0),
        ))  # fmt: skip
        if overflowing(trace.share_sum_fen, trace.burden_sum_fen):
            raise ClaimFault("amount", "这位参保人一年内的费用之和超出可计算的范围，请核对金额。")
        if episode is not None:
            chains[episode] = trace.chain_after_fen
        settled.append(Settled(claim, trace, index))
    return settled
