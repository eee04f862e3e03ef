"""A whole file of claims settled on one machine: Parquet to Parquet, to the fen what the counter computes.

Claims in settlement order stream through (`ordered`); claims in any other order are scattered over buckets of persons first (`buckets`).
Either way two threads read, settle and write, outside Python's lock. Results do not depend on which way was taken.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from ..rules.places import Laws
from . import outputs
from .buckets import scattered
from .law import Law, law_of, one_place
from .numbering import read_numbers
from .ordered import stream
from .packing import packing_of, wide
from .running import Progress, Unsorted
from .source import Astray, FileFault
from .tally import Tally
from .writing import Rejections, beside, drafts, write_rejected


@dataclass(frozen=True)
class Counts:
    """What a run did; ``order`` is sorted or shuffled, ``codes`` how many rows were rejected why.

    Where parameters are of several places: ``places`` how many claims were settled by the rules of each, ``movers`` how many persons
    have claims of more than one.
    """

    claims: int
    settled: int
    rejected: int
    codes: dict[str, int]
    order: str
    places: dict[str, int] = field(default_factory=dict)
    movers: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As the command prints it: nothing of places where there is one."""
        told = asdict(self)
        return told if self.places else {name: one for name, one in told.items() if name not in ("places", "movers")}


def settle_file(claims: Path, parameters: Laws, out: Path, *, progress: Progress = lambda done, rows: None) -> Counts:
    """Settle *claims* into *out*, rejected rows beside it (``OUT.rejected.parquet``).

    Raises FileFault for a file that cannot be read or written and ParameterFault for parameters that do not reach back
    to a claim; then nothing is left behind and an older output stays.
    """
    rejected_path = beside(out)
    check_paths(claims, out)
    numbers = read_numbers(claims)
    law = law_of(parameters)
    one_place(claims, parameters)
    with drafts(out, rejected_path) as (out_draft, rejected_draft):
        order = "sorted"
        try:
            rejections, tally = stream(claims, law, numbers, out_draft, progress)
        except Unsorted:
            order = "shuffled"
            packing = packing_of(pq.read_metadata(claims), numbers, len(law.names))
            try:
                rejections, tally = scattered(claims, law, numbers, packing, out_draft, progress)
            except Astray:
                rejections, tally = scattered(claims, law, numbers, wide(), out_draft, progress)
        write_rejected(rejected_draft, rejections.table())
    return counted(numbers.rows, rejections, tally, law, order)


def counted(claims: int, rejections: Rejections, tally: Tally, law: Law, order: str = "sorted") -> Counts:
    """What a run over so many claims did."""
    codes = rejections.counts()
    return Counts(claims, tally.settled, sum(codes.values()), codes, order, *tally.told(law))


def check_paths(claims: Path, out: Path) -> None:
    """Raise FileFault where *out* or what is written beside it can't be (`outputs.unfit`)."""
    if why := outputs.unfit((out, beside(out)), (claims,)):
        raise FileFault(why)
