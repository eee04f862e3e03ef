"""Cases that are given their group and points and written as they are read, part by part in memory that is used again (ADR 0041).

The catalogue is trained while the first cases are read, by a thread of its own. What decides a group is a number; a part asks of DuckDB
only what the numbers mean that are new. Points are given by the rule itself, compiled (`scoring`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import dip, encoding, outputs, source, writing
from yigongti.benefit.fund.batch.container import Container, Words
from yigongti.benefit.fund.batch.engines import Local, differing
from yigongti.benefit.fund.batch.holding import Held
from yigongti.benefit.fund.batch.scoring import Scored
from yigongti.benefit.fund.rules.catalogue import Catalogue, GroupingFault
from yigongti.benefit.fund.rules.points import HIGH, RULES

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from yigongti.benefit.fund.batch import reading

PART = 1 << 19
"""Cases at a time, about."""
OUT = ("claim_id", "group", "kind_of_group", "group_mean_fen", "points_milli")
REVIEW = ("claim_id", "review", "group", "total_fen", "group_mean_fen", "points_milli")
NUMBER, TEXT = pa.int64(), pa.string()
OUT_SCHEMA = pa.schema(
    [pa.field(name, kind, nullable=False) for name, kind in zip(OUT, (NUMBER, TEXT, TEXT, NUMBER, NUMBER), strict=True)]
)
REVIEW_SCHEMA = pa.schema(zip(REVIEW, (NUMBER, pa.string(), pa.string(), NUMBER, NUMBER, NUMBER), strict=True))


@dataclass
class Counts:
    """What a run did."""

    rows: int = 0
    rejected: int = 0
    cases: int = 0
    base_cases: int = 0
    groups: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    review: dict[str, int] = field(default_factory=dict)
    mean_all_fen: int = 0
    catalogue: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For the JSON line."""
        return asdict(self)


def targets(out: Path, catalogue: Path) -> tuple[Path, Path, Path, Path]:
    """Everything that is written."""
    return out, catalogue, out.with_name(out.stem + ".review.parquet"), out.with_name(out.stem + ".rejected.parquet")


def counts(trained: Catalogue, **more: Any) -> Counts:
    """Of a run by a catalogue."""
    return Counts(
        base_cases=sum(source.cases for source in trained.sources), groups=len(trained.groups),
        mean_all_fen=trained.mean_all_fen, catalogue=trained.digest, **more,
    )  # fmt: skip


def check_range(dearest: int, trained: Catalogue) -> None:
    """Raises GroupingFault where a case's points could leave int64: they are at most about 10^6 × cost / mean of all."""
    if trained.mean_all_fen and dearest * 2_000_000 // trained.mean_all_fen >= 2**63:
        raise GroupingFault(
            f"最贵的病例 {dearest} 分，全部基期病例均费只有 {trained.mean_all_fen} 分，分值超出范围：请检查金额单位（应为分）"
        )


class Groups:
    """By the number of what decides a case's group: the group's mean and points; its name, kind, why it has no points as texts' numbers."""

    def __init__(self) -> None:
        self.texts = {name: encoding.Texts() for name in ("group", "kind_of_group", "why")}
        self.pages = {name: Words() for name in self.texts}
        self.columns = {name: np.empty(0, np.int64) for name in ("group_mean_fen", "group_points_milli")}
        self.columns |= {name: np.empty(0, np.int32) for name in self.texts}

    def learn(self, looked: pa.Table) -> None:
        """Take what was looked up for the numbers that follow."""
        looked = looked.sort_by("combination")
        for name, held in self.columns.items():
            column = looked[name].combine_chunks()
            more = self.texts[name].codes(column) if name in self.texts else encoding.int64(column)
            self.columns[name] = np.concatenate([held, more])
        for name, page in self.pages.items():
            self.pages[name] = page.and_also(self.texts[name].all()[page.many :])


class Flow:
    """Cases part by part into the files of `targets`, by the catalogue that *held* trains with the parameters' part *own*.

    `lanes`: a thread's way each; a reader finds all cases of one before those of the next.
    """

    def __init__(self, engine: Local, held: Held, own: object, drafts: Sequence[Path], sink: Container) -> None:
        self.engine, self.held, self.own, self.drafts, self.sink = engine, held, own, drafts, sink
        self.look, self.differing = engine.asking(self._looked), engine.asking(self._differing)
        self.bounds = (0, 0)
        """Between which costs a case has its group's points (low_bp, high_bp); known once a group was looked up."""
        again = held.numberer.again()
        self.lanes = [Lane(self, number, again()) for number in range(len(sink.lanes))]
        self.training: Future[Catalogue]

    @classmethod
    @contextmanager
    def open(cls, engine: Local, held: Held, own: object, finals: tuple[Path, Path], lanes: int = 1) -> Iterator[Flow]:
        """One whose files appear when the block ends well. Its catalogue is trained at once; until it is, *engine* is left to it."""
        with (
            outputs.whole(*targets(*finals)) as drafts, Container(drafts[0], OUT_SCHEMA, lanes, apart=True, ahead=None) as sink,
            ThreadPoolExecutor(1) as behind,
        ):  # fmt: skip
            flow = cls(engine, held, own, drafts, sink)
            flow.training = behind.submit(flow._train)
            yield flow

    def _train(self) -> Catalogue:
        trained = self.held.trained(self.own)
        catalogues.write(trained, self.drafts[1], self.own)
        pa.default_memory_pool().release_unused()  # what reading the base took is not needed again
        return trained

    @property
    def catalogue(self) -> Catalogue:
        """Once it is trained and written. Raises ParameterFault, GroupingFault, CatalogueFault."""
        return self.training.result()

    def _differing(self, cases: ir.Table) -> ir.Table:
        return differing(dip.pointed(cases, *self.bounds))

    def _looked(self, names: ir.Table) -> ir.Table:
        found = self.held.looked_up(self.own, self.catalogue, names)
        self.bounds = found.bounds
        return found.looked

    def finish(self, rows: int, rejected: pa.Table) -> Counts:
        """Write what lies beside the cases; *rows* of the file of claims, *rejected* among them."""
        _, _, review, rejections = self.drafts
        writing.write_grouped(pa.concat_tables([part for lane in self.lanes for part in lane.review]), review)
        pq.write_table(rejected, rejections)
        kinds, reasons = (
            sum((getattr(lane, name) for lane in self.lanes), Counter[str]()) for name in ("kinds", "reasons")
        )
        return counts(
            self.catalogue, rows=rows, rejected=rejected.num_rows, cases=sum(lane.cases for lane in self.lanes),
            kinds=dict(sorted(kinds.items())), review=dict(sorted(reasons.items())),
        )  # fmt: skip


class Lane:
    """One thread's way from cases to their groups and points; `numberer` gives its cases their numbers."""

    def __init__(self, flow: Flow, number: int, numberer: reading.Numberer) -> None:
        self.flow, self.number, self.numberer = flow, number, numberer
        self.groups, self.scored, self.told = Groups(), Scored(), 0
        self.cases, self.kinds, self.reasons = 0, Counter[str](), Counter[str]()
        self.review = [REVIEW_SCHEMA.empty_table()]

    def add(self, cases: pa.Table) -> NDArray[np.int64]:
        """Write cases. Returns their points, valid until the next part.

        Raises GroupingFault for points beyond int64, and what training raises.
        """
        catalogue = self.flow.catalogue
        if self.numberer.count > self.told:
            self.groups.learn(self.flow.look(self.numberer.table().slice(self.told)))
            self.told = self.numberer.count
        if not len(cases):
            return np.empty(0, np.int64)
        dearest = pc.max(cases["total_fen"]).as_py()
        check_range(dearest, catalogue)
        own = {name: source.one_chunk(cases[name]).to_numpy() for name in cases.column_names}
        points = self.scored.of(own, self.groups.columns, self.flow.bounds, self._beyond)
        laid, pages = self.scored.laid | {"claim_id": own["claim_id"], "points_milli": points}, self.groups.pages
        self.flow.sink.write([(laid[name], pages[name]) if name in pages else laid[name] for name in OUT], self.number)
        self._look(own, points)
        return points

    def _beyond(self, cases: dict[str, NDArray[Any]]) -> pa.Table:
        """Cases whose amounts are too large for the compiled rule, as the engine has them."""
        why = pa.array([None, *self.groups.texts["why"].all()], pa.string()).take(pa.array(cases.pop("why") + 1))
        return self.flow.differing(pa.table(cases | {"why": why}))

    def _look(self, own: dict[str, NDArray[Any]], points: NDArray[np.int64]) -> None:
        """Count the cases, and keep those that are to be looked at and why."""
        place, texts = self.scored.looked, self.groups.texts
        why = self.groups.columns["why"][own["combination"][place]]
        words = {"group": self.scored.laid["group"][place], "review": np.where(why < 0, len(texts["why"].known), why)}
        named = {"group": texts["group"].all(), "review": [*texts["why"].all(), RULES[HIGH]]}
        numbers = {"claim_id": own["claim_id"], "total_fen": own["total_fen"], "points_milli": points}
        numbers["group_mean_fen"] = self.scored.laid["group_mean_fen"]
        told = {name: pa.array(column[place]) for name, column in numbers.items()}
        told |= {name: pa.array(named[name], pa.string()).take(pa.array(codes)) for name, codes in words.items()}
        self.review.append(pa.table([told[name] for name in REVIEW], schema=REVIEW_SCHEMA))
        self._count(self.scored.laid["kind_of_group"], told["review"])

    def _count(self, kinds: NDArray[np.int32], review: pa.Array) -> None:
        self.cases += len(kinds)
        for word, many in zip(self.groups.texts["kind_of_group"].all(), np.bincount(kinds).tolist(), strict=False):
            self.kinds[word] += many
        for one in pc.value_counts(review).to_pylist():
            self.reasons[one["values"]] += one["counts"]
