"""`yigongti fund group`: a catalogue trained on base files, and the group and points of every valid inpatient claim.

What texts decide is decided by `encoding` and `drg`, once a distinct combination; the relations (`dip`) run on any engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import dip, drg, drg_tables, encoding, factors, outputs, reading
from yigongti.benefit.fund.batch.engines import Cases, Engine, Local
from yigongti.benefit.fund.rules import catalogue as catalogue_rules
from yigongti.benefit.fund.rules import dip as rules
from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.drg.tables import Tables
from yigongti.benefit.fund.rules.factors import Auxiliary
from yigongti.benefit.fund.rules.parameters import ParameterFault

if TYPE_CHECKING:
    import ibis.expr.types as ir

OUT = ("claim_id", "group", "kind_of_group", "group_mean_fen", "points_milli")
SCHEMES = ("dip", "drg")
REVIEW = ("claim_id", "review", "group", "total_fen", "group_mean_fen", "points_milli")


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


def part(raw: object, name: str) -> object:
    """The object *name* (`dip`, `drg`) of a parameter file, the same in all its sets. Raises ParameterFault."""
    if not isinstance(raw, Mapping):
        raise ParameterFault(("参数文件应是一个 JSON 对象",))
    sets = (
        [one.get("set") for one in raw["sets"] if isinstance(one, Mapping)]
        if isinstance(raw.get("sets"), list)
        else [raw]
    )
    parts = [one.get(name) if isinstance(one, Mapping) else None for one in sets]
    if not parts or any(one is None for one in parts):
        raise ParameterFault((f"参数文件缺少“{name}”（病种分组参数）",))
    if any(one != parts[0] for one in parts):
        raise ParameterFault((f"参数文件各时段的“{name}”不一致：一份病种目录只能按一组参数形成，请按年度分开分组",))
    return parts[0]


def read_kinds(path: Path | None) -> dict[str, str]:
    """The kind of each procedure (columns `code`, `kind`). Raises GroupingFault for unknown kinds and for a code with two kinds."""
    if path is None:
        return {}
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise GroupingFault(f"读不到手术操作类别文件 {path}：不存在或不是完整的 Parquet 文件") from error
    missing = [name for name in ("code", "kind") if name not in table.column_names]
    if missing:
        raise GroupingFault(f"手术操作类别文件 {path} 缺少列：{'、'.join(missing)}")
    kinds: dict[str, str] = {}
    for row, (code, kind) in enumerate(zip(table["code"].to_pylist(), table["kind"].to_pylist(), strict=True), 1):
        if code is None or kind not in rules.KINDS:
            raise GroupingFault(
                f"手术操作类别文件第 {row} 行：编码 {code}、类别 {kind} 不对，类别只能是 {'、'.join(rules.KINDS)}"
            )
        if kinds.setdefault(code, kind) != kind:
            raise GroupingFault(
                f"手术操作类别文件第 {row} 行：编码 {code} 既是 {kinds[code]} 又是 {kind}，无法确定归入哪个综合病种，请只保留一种"
            )
    return kinds


def group_file(
    claims: Path, *, scheme: str, parameters: object, base: Sequence[Path], procedures: Path | None = None, tables: Path | None = None,
    out: Path, catalogue: Path, progress: reading.Progress | None = None, engine: Engine | None = None,
) -> Counts:  # fmt: skip
    """Train, group, write *out* (OUT), *catalogue*, and beside *out* `.review` (REVIEW) and `.rejected` (row, claim_id, code, reason).

    *engine*: where the relations run; DuckDB in this process if None.

    Raises ParameterFault, GroupingFault, CatalogueFault; then nothing is written.
    """
    own = part(parameters, known(scheme))
    if why := outputs.unfit(_targets(out, catalogue), [claims, *base, *([procedures] if procedures else [])]):
        raise GroupingFault(why)
    held = encoded(Job(base, claims, engine or Local(), progress), scheme, own, procedures, tables)
    found = held.found(own)
    return finish(
        held.job.engine, grouped_cases(held.job.engine, found, held.cases), found.catalogue, held.cases, out, catalogue, own
    )  # fmt: skip


def known(scheme: str) -> str:
    """The scheme. Raises GroupingFault where there is none of that name."""
    if scheme not in SCHEMES:
        raise GroupingFault(f"没有名为 {scheme} 的分组方案，可用：{'、'.join(SCHEMES)}")
    return scheme


def encoded(job: Job, scheme: str, own: object, procedures: Path | None, tables: Path | None) -> Held:
    """Read the files of a job for a scheme and its parameters' own part. Raises ParameterFault, GroupingFault."""
    if scheme == "dip":
        return Dip(job, read_kinds(procedures), rules.read(own).auxiliary)
    return Drg(job, drg_tables.read(tables) if tables else drg_tables.own())


@dataclass(frozen=True)
class Job:
    """What both schemes need: the files, the engine."""

    base: Sequence[Path]
    claims: Path
    engine: Engine
    progress: reading.Progress | None = None
    passed: Callable[[reading.Numberer, Mapping[str, reading.Column]], Cases] | None = None
    """Reads the claims' cases where that is done on the way of something else."""

    def counted(self, numberer: reading.Numberer) -> ir.Table:
        """The base files' cases counted by what decides their group (year = place of the file)."""
        by = self.engine.by(numberer)
        years = [self.engine.cases(path, numberer, reading.TOTAL, self.progress).table for path in self.base]
        return self.engine.union([dip.counted(one, year, *by) for year, one in enumerate(years)])

    def cases(self, numberer: reading.Numberer, kept: Mapping[str, reading.Column]) -> Cases:
        """The claims' cases."""
        wanted = {**reading.ROW, **reading.TOTAL, **kept}
        if self.passed is not None:
            return self.passed(numberer, wanted)
        return self.engine.cases(self.claims, numberer, wanted, self.progress)

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
    """Base and cases read once; a catalogue and the groups of any parameters as often as asked."""

    job: Job
    cases: Cases

    def trained(self, own: object) -> catalogue_rules.Catalogue:
        """The catalogue of the base files by these parameters."""

    def looked_up(self, own: object, catalogue: catalogue_rules.Catalogue) -> Found:
        """The groups of a catalogue, whoever trained it."""

    def found(self, own: object) -> Found:
        """Train, then look up."""
        return self.looked_up(own, self.trained(own))


class Dip(Held):
    """`Held` for DIP; *auxiliary* is what the cases' factors were read by."""

    def __init__(self, job: Job, kinds: Mapping[str, str], auxiliary: Auxiliary) -> None:
        pairs = encoding.Combinations()
        kept: dict[str, reading.Column] = {}
        if auxiliary:
            asked = factors.columns(auxiliary)
            kept["factor_bp"] = (np.int64, asked, lambda batch, _: factors.column(batch, auxiliary))
        self.job, self.auxiliary = job, auxiliary
        counted, self.cases = job.counted(pairs), job.cases(pairs, kept)
        self.keys = job.engine.named(pairs, self.cases)
        self.counted = counted if self.cases.by == pairs.by else counted.join(self.keys, self.cases.by)
        columns = {"code": pa.array(kinds.keys(), pa.string()), "kind": pa.array(kinds.values(), pa.string())}
        self.kinds = job.engine.table(pa.table(columns))

    def trained(self, own: object) -> catalogue_rules.Catalogue:
        """The catalogue of the base files by these parameters. Raises ParameterFault, GroupingFault, CatalogueFault."""
        numbers = rules.read(own)
        one_weight_a_file("dip", numbers.year_weights, self.job.base)
        sums = dip.base_sums(self.counted, self.kinds, numbers.core_min_cases)
        return self.job.trained("dip", sums, numbers.year_weights)

    def looked_up(self, own: object, catalogue: catalogue_rules.Catalogue) -> Found:
        """The groups of a catalogue. Raises ParameterFault."""
        numbers = rules.read(own)
        groups = self.job.engine.table(catalogues.groups_table(catalogue))
        return Found(dip.looked_up(self.keys, self.kinds, groups), catalogue, (numbers.low_bp, numbers.high_bp))


class Drg(Held):
    """`Held` for DRG."""

    def __init__(self, job: Job, tables: Tables) -> None:
        numberer = drg.Groups(tables)
        self.job = job
        self.counted, self.cases = job.counted(numberer), job.cases(numberer, {})
        self.names = job.engine.table(numberer.table())

    def trained(self, own: object) -> catalogue_rules.Catalogue:
        """The catalogue of the base files by these parameters. Raises ParameterFault, GroupingFault, CatalogueFault."""
        weights, _, _ = rules.read_drg(own)
        one_weight_a_file("drg", weights, self.job.base)
        return self.job.trained("drg", drg.base_sums(self.counted, self.names), weights)

    def looked_up(self, own: object, catalogue: catalogue_rules.Catalogue) -> Found:
        """The groups of a catalogue. Raises ParameterFault."""
        _, low_bp, high_bp = rules.read_drg(own)
        groups = self.job.engine.table(catalogues.groups_table(catalogue))
        return Found(drg.looked_up(self.names, groups), catalogue, (low_bp, high_bp))


def one_weight_a_file(scheme: str, weights: Sequence[int], base: Sequence[Path]) -> None:
    """Raises GroupingFault where base files and weights do not match."""
    if len(weights) != len(base):
        raise GroupingFault(
            f"基期文件有 {len(base)} 个，{scheme}.year_weights 有 {len(weights)} 个权重：应一一对应，最早的年份在前"
        )


def check_range(dearest: int, trained: catalogue_rules.Catalogue) -> None:
    """Raises GroupingFault where a case's points could leave int64: they are at most about 10^6 × cost / mean of all."""
    if trained.mean_all_fen and dearest * 2_000_000 // trained.mean_all_fen >= 2**63:
        raise GroupingFault(
            f"最贵的病例 {dearest} 分，全部基期病例均费只有 {trained.mean_all_fen} 分，分值超出范围：请检查金额单位（应为分）"
        )


def grouped_cases(engine: Engine, found: Found, cases: Cases) -> ir.Table:
    """Each case with its group and its own points (`dip.pointed`), in the file's order. Raises GroupingFault for points beyond int64."""
    dearest = engine.arrow(cases.table.agg(dearest=cases.table.total_fen.max()))["dearest"][0].as_py()
    check_range(dearest or 0, found.catalogue)
    return engine.grouped(cases, found.looked, lambda each: dip.pointed(each, *found.bounds))


def _targets(out: Path, catalogue: Path) -> tuple[Path, Path, Path, Path]:
    """Everything that is written."""
    return out, catalogue, out.with_name(out.stem + ".review.parquet"), out.with_name(out.stem + ".rejected.parquet")


def finish(
    engine: Engine, grouped: ir.Table, trained: catalogue_rules.Catalogue, cases: Cases, out: Path, catalogue: Path, parameters: object
) -> Counts:  # fmt: skip
    """Write the cases with their groups and points and all that goes beside them, or nothing, and count."""
    try:
        with outputs.whole(*_targets(out, catalogue)) as (out_draft, catalogue_draft, review_draft, rejected_draft):
            engine.write(grouped, OUT, out_draft)
            engine.write(grouped.filter(grouped.review.notnull()).order_by("row"), REVIEW, review_draft)
            pq.write_table(cases.rejected, rejected_draft)
            catalogues.write(trained, catalogue_draft, parameters)
            kinds, review = (_counted(engine, grouped, name) for name in ("kind_of_group", "review"))
    except engine.errors as error:
        raise GroupingFault(outputs.refused(error, out)) from error
    return Counts(
        rows=cases.rows, rejected=cases.rejected.num_rows, cases=cases.count,
        base_cases=sum(source.cases for source in trained.sources), groups=len(trained.groups),
        kinds=kinds, review=review, mean_all_fen=trained.mean_all_fen, catalogue=trained.digest,
    )  # fmt: skip


def _counted(engine: Engine, rows: ir.Table, name: str) -> dict[str, int]:
    given = rows.filter(rows[name].notnull())
    found = engine.arrow(given.group_by(name).agg(n=given.count())).to_pydict()
    return dict(sorted(zip(found[name], found["n"], strict=True)))
