"""What grouping holds of the files that it reads: base years, cases, and the way from them to groups (ADR 0021)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import dip, reading
from yigongti.benefit.fund.batch.engines import Cases, Engine
from yigongti.benefit.fund.rules import catalogue as catalogue_rules

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True)
class Job:
    """What both schemes need: the files, the engine."""

    base: Sequence[Path]
    claims: Path
    engine: Engine
    progress: reading.Progress | None = None

    def counted(self, numberer: reading.Numberer) -> ir.Table:
        """The base files' cases counted by what decides their group (`numberer.by`; year = place of the file)."""
        return self.engine.union(self.engine.counted(self.base, numberer, dip.counted, self.progress))

    def cases(self, numberer: reading.Numberer, kept: Mapping[str, reading.Column]) -> Cases:
        """The claims' cases with the columns *kept*."""
        return self.engine.cases(self.claims, numberer, {**reading.ROW, **reading.TOTAL, **kept}, self.progress)

    def trained(self, scheme: str, sums: ir.Table, weights: Sequence[int]) -> catalogue_rules.Catalogue:
        """The catalogue of the base files."""
        return catalogues.trained(scheme, self.engine.arrow(sums), weights, [path.name for path in self.base])


@dataclass(frozen=True)
class Found:
    """Groups by what decides them, the catalogue they are of, between which costs a case has its group's points (low_bp, high_bp)."""

    looked: ir.Table
    catalogue: catalogue_rules.Catalogue
    bounds: tuple[int, int]


class Held(Protocol):
    """Base read once, when it is asked for; a catalogue of any parameters as often as asked, the groups of cases once they are taken.

    `numberer` and `wanted`: how the claims' cases are to be read.
    """

    job: Job
    numberer: reading.Numberer
    wanted: Mapping[str, reading.Column]

    @cached_property
    def counted(self) -> ir.Table:
        """The base files' cases by what decides their group, `Job.counted`."""
        return self.job.counted(self.numberer)

    @cached_property
    def cases(self) -> Cases:
        """The claims' cases; their numbers follow those of the base files."""
        _ = self.counted
        return self.job.cases(self.numberer, self.wanted)

    @cached_property
    def keys(self) -> ir.Table:
        """What the cases' numbers mean."""
        return self.job.engine.named(self.numberer, self.cases)

    def take(self) -> Held:
        """Read everything, the claims' cases too."""
        _ = self.keys
        return self

    def trained(self, own: object) -> catalogue_rules.Catalogue:
        """The catalogue of the base files by these parameters. Raises ParameterFault, GroupingFault, CatalogueFault."""

    def looked_up(self, own: object, catalogue: catalogue_rules.Catalogue, keys: ir.Table | None = None) -> Found:
        """The groups of a catalogue, whoever trained it; of *keys* only, if given. Raises ParameterFault."""

    def found(self, own: object) -> Found:
        """Train, then look up."""
        return self.looked_up(own, self.trained(own))
