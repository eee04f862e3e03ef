"""Cases that are given their group and points and written as they are read, part by part in memory that is used again (ADR 0041).

The catalogue stands before the first case comes. What a part asks of DuckDB are the points of the cases that have other than their
group's; the rest is laid by the number of what decides a group, as in `engines.Local.grouped`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import dip, encoding, outputs, writing
from yigongti.benefit.fund.batch.engines import Local, differing
from yigongti.benefit.fund.batch.holding import Held
from yigongti.benefit.fund.rules.catalogue import Catalogue, GroupingFault

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

NOTHING = pa.table({})
PART = 1 << 19
"""Cases at a time, about."""
OUT = ("claim_id", "group", "kind_of_group", "group_mean_fen", "points_milli")
REVIEW = ("claim_id", "review", "group", "total_fen", "group_mean_fen", "points_milli")
NUMBER, TEXT = pa.int64(), pa.dictionary(pa.int32(), pa.string())
OUT_SCHEMA = pa.schema(zip(OUT, (NUMBER, TEXT, TEXT, NUMBER, NUMBER), strict=True))
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
    """By the number of what decides a case's group: the group's mean and points; its name, kind, why it has no points as texts' numbers.

    `bounds`: between which costs a case has its group's points (low_bp, high_bp).
    """

    def __init__(self) -> None:
        self.bounds = (0, 0)
        self.texts = {name: encoding.Texts() for name in ("group", "kind_of_group", "why")}
        self.columns = {name: np.empty(0, np.int64) for name in ("group_mean_fen", "group_points_milli")}
        self.columns |= {name: np.empty(0, np.int32) for name in self.texts}

    def learn(self, looked: pa.Table) -> None:
        """Take what was looked up for the numbers that follow."""
        looked = looked.sort_by("combination")
        for name, held in self.columns.items():
            column = looked[name].combine_chunks()
            more = self.texts[name].codes(column) if name in self.texts else encoding.int64(column)
            self.columns[name] = np.concatenate([held, more])

    def words(self, name: str, codes: NDArray[np.int32]) -> pa.Array:
        """Numbers of texts as what they are the numbers of; -1 is null."""
        known = pa.array(self.texts[name].all(), pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0 if name == "why" else None), known)


class Laid:
    """Columns of a part, in memory that is used for the next one again."""

    def __init__(self) -> None:
        self.room: dict[str, NDArray[Any]] = {}

    def of(self, name: str, few: NDArray[Any], at: NDArray[np.int32]) -> NDArray[Any]:
        """*few* by *at*; valid until the next part."""
        if len(self.room.get(name, ())) < len(at):
            self.room[name] = np.empty(max(len(at), PART), few.dtype)
        found = self.room[name][: len(at)]
        if len(few):
            np.take(few, at, out=found, mode="clip")  # numbers are places; with "raise" all would be written twice
        return found


class Flow:
    """Cases part by part into the files of `targets`, by the catalogue that *held* trains first with the parameters' part *own*."""

    catalogue: Catalogue

    def __init__(self, engine: Local, held: Held, own: object, drafts: Sequence[Path]) -> None:
        self.engine, self.held, self.own, self.drafts = engine, held, own, drafts
        self.sink = writing.grouped_writer(drafts[0], OUT_SCHEMA)
        self.groups, self.laid, self.told = Groups(), Laid(), 0
        self.cases, self.kinds, self.reasons = 0, Counter[str](), Counter[str]()
        self.review = [REVIEW_SCHEMA.empty_table()]
        self.look, self.differing = engine.asking(self._looked), engine.asking(self._differing)

    @classmethod
    @contextmanager
    def open(cls, engine: Local, held: Held, own: object, finals: tuple[Path, Path]) -> Iterator[Flow]:
        """One whose files appear when the block ends well."""
        with outputs.whole(*targets(*finals)) as drafts:
            flow = cls(engine, held, own, drafts)
            with flow.sink:
                yield flow

    def train(self) -> None:
        """Read the base files, write the catalogue. Raises ParameterFault, GroupingFault, CatalogueFault."""
        self.catalogue = self.held.trained(self.own)
        catalogues.write(self.catalogue, self.drafts[1], self.own)

    def names(self) -> pa.Table:
        """The numbers that came up since it was asked last, and what they mean: for `add`, which may run while more are given."""
        numberer, told = self.held.numberer, self.told
        self.told = numberer.count
        return numberer.table().slice(told) if self.told > told else NOTHING

    def add(self, cases: pa.Table, names: pa.Table) -> NDArray[np.int64]:
        """Write cases; *names*: of the numbers that are new. Returns their points, valid until the next part.

        Raises GroupingFault for points beyond int64, ParameterFault.
        """
        if len(names):
            self.groups.learn(self.look(names))
        if not len(cases):
            return np.empty(0, np.int64)
        own = {name: cases[name].combine_chunks() for name in cases.column_names}
        check_range(pc.max(own["total_fen"]).as_py(), self.catalogue)
        at = own["combination"].to_numpy()
        laid = {name: self.laid.of(name, few, at) for name, few in self.groups.columns.items()}
        place, review = self._score(own, laid)
        texts = {name: self.groups.words(name, laid[name]) for name in ("group", "kind_of_group")}
        columns = own | texts | {"group_mean_fen": laid["group_mean_fen"], "points_milli": laid["group_points_milli"]}
        self.sink.write_table(pa.table([columns[name] for name in OUT], schema=OUT_SCHEMA), row_group_size=len(at))
        looked = pa.table({name: pa.array(columns[name]).take(place) for name in REVIEW if name != "review"})
        self.review.append(looked.append_column("review", review).select(REVIEW).cast(REVIEW_SCHEMA))
        self._count(laid["kind_of_group"], review)
        return laid["group_points_milli"]

    def _score(self, own: dict[str, pa.Array], laid: dict[str, NDArray[Any]]) -> tuple[pa.Array, pa.Array]:
        """Points of their own for the cases that have such, in place of their group's; which cases are to be looked at and why."""
        given: dict[str, pa.Array] = {name: own[name] for name in ("total_fen", "factor_bp") if name in own}
        given |= {name: pa.array(laid[name]) for name in ("group_mean_fen", "group_points_milli")}
        given |= {
            "why": self.groups.words("why", laid["why"]),
            "place": pa.array(np.arange(len(laid["why"]), dtype=np.int32)),
        }
        found = self.differing(pa.table(given))
        laid["group_points_milli"][found["place"].to_numpy()] = found["points_milli"].to_numpy()
        why = found.filter(found["review"].is_valid()).sort_by("place")
        return why["place"].combine_chunks(), why["review"].combine_chunks()

    def _differing(self, cases: ir.Table) -> ir.Table:
        return differing(dip.pointed(cases, *self.groups.bounds))

    def _looked(self, names: ir.Table) -> ir.Table:
        found = self.held.looked_up(self.own, self.catalogue, names)
        self.groups.bounds = found.bounds
        return found.looked

    def _count(self, kinds: NDArray[np.int32], review: pa.Array) -> None:
        self.cases += len(kinds)
        for word, many in zip(self.groups.texts["kind_of_group"].all(), np.bincount(kinds).tolist(), strict=False):
            self.kinds[word] += many
        for one in pc.value_counts(review).to_pylist():
            self.reasons[one["values"]] += one["counts"]

    def finish(self, rows: int, rejected: pa.Table) -> Counts:
        """Write what lies beside the cases; *rows* of the file of claims, *rejected* among them."""
        _, _, review, rejections = self.drafts
        writing.write_grouped(pa.concat_tables(self.review), review)
        pq.write_table(rejected, rejections)
        return counts(
            self.catalogue, rows=rows, rejected=rejected.num_rows, cases=self.cases,
            kinds=dict(sorted((+self.kinds).items())), review=dict(sorted(self.reasons.items())),
        )  # fmt: skip
