"""A settlement explained: the steps of its own trace, each with the clauses of the parameters that it was really settled by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.benefit.fund.parameters.settlement import Cited
from yigongti.benefit.fund.rules import explaining
from yigongti.benefit.fund.rules import parameters as rules_parameters
from yigongti.benefit.fund.rules.explaining import Part, Step
from yigongti.benefit.fund.rules.parameters import Parameters
from yigongti.benefit.fund.rules.person import Claim as Reckoned
from yigongti.benefit.fund.rules.person import Settled
from yigongti.benefit.fund.rules.settlement import Trace
from yigongti.policy import facade as policy


@dataclass(frozen=True)
class Explained:
    """Steps with their citations, and who pays which part (fen; the parts sum to the total)."""

    steps: tuple[tuple[Step, tuple[Cited, ...]], ...]
    parts: tuple[Part, ...]

    @property
    def person(self) -> tuple[Part, ...]:
        """What the person pays, part by part; nothing is left out but what is nil."""
        return tuple(part for part in self.parts if part.payer == "个人" and part.fen)

    @property
    def funds(self) -> tuple[Part, ...]:
        """What the funds pay."""
        return tuple(part for part in self.parts if part.payer != "个人" and part.fen)


def of_row(row: Settlement) -> Explained:
    """A kept settlement, by the set of parameters kept with it."""
    bare, cited = parameters.of_kept(policy.kept(row.parameter_set))
    settled = Settled(reckoned(row.claim), Trace(**row.trace), 0)
    return explained(settled, rules_parameters.read(bare), cited)


def tried(settled: Settled, place: str) -> Explained:
    """What was only tried, by the rules of the place on its day."""
    return explained(Settled(settled.claim, settled.trace, 0), *_ruled(place, settled.claim.end_date))


@policy.remembered
def _ruled(place: str, day: date) -> tuple[Parameters, Mapping[str, Cited]]:
    """The set of a day, and where each of its parts stands."""
    found = parameters.values(place, day)
    cited = {name: Cited(one.key, one.title, one.source, one.clause, one.status) for name, one in found.items()}
    return rules_parameters.read(parameters.resolve(place, day)), cited


def explained(settled: Settled, ruled: Parameters, cited: Mapping[str, Cited]) -> Explained:
    """Steps and parts, the clause of the continuous deductible where it was applied."""
    steps = []
    for step in explaining.explain(settled, ruled):
        names = list(dict.fromkeys(key.split(".")[0] for key in step.parameters))
        if step.number == "2.1" and (settled.trace.chain_fen or settled.claim.referral == "down"):
            names.append("deductible_chain")
        steps.append((step, tuple(cited[name] for name in names if name in cited)))
    return Explained(tuple(steps), explaining.parts(settled))


def reckoned(claim: Claim) -> Reckoned:
    """A claim's row as the rule knows it."""
    return Reckoned(
        claim.pk, claim.subject_id, claim.insurance, claim.aid_class, claim.level, claim.is_tcm, claim.in_county, claim.kind,
        claim.start_date, claim.end_date, claim.episode, claim.referral, claim.contracted, claim.total_fen,
        claim.excluded_fen, claim.copay_first_fen,
    )  # fmt: skip
