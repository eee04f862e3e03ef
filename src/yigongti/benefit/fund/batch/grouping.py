"""`yigongti fund group`: a catalogue trained on base files, and the group and points of every valid inpatient claim.

What texts decide is decided by `encoding` and `drg`, once a distinct combination; the relations (`dip`) run on any engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch import catalogue as catalogues
from yigongti.benefit.fund.batch import dip, drg, drg_tables, encoding, factors, outputs, reading
from yigongti.benefit.fund.batch.engines import Cases, Engine, Local
from yigongti.benefit.fund.batch.flowing import OUT, PART, REVIEW, Counts, Flow, check_range, counts, targets
from yigongti.benefit.fund.batch.holding import Found, Held, Job
from yigongti.benefit.fund.rules import catalogue as catalogue_rules
from yigongti.benefit.fund.rules import dip as rules
from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.drg.tables import Tables
from yigongti.benefit.fund.rules.factors import Auxiliary
from yigongti.benefit.fund.rules.parameters import ParameterFault

if TYPE_CHECKING:
    import ibis.expr.types as ir

SCHEMES = ("dip", "drg")


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
    if why := outputs.unfit(targets(out, catalogue), [claims, *base, *([procedures] if procedures else [])]):
        raise GroupingFault(why)
    engine = engine or Local()
    held = opened(Job(base, claims, engine, progress), scheme, own, procedures, tables)
    if isinstance(engine, Local) and engine.flows:
        return _flowing(engine, held, own, out, catalogue)
    found = held.take().found(own)
    return finish(engine, grouped_cases(engine, found, held.cases), found.catalogue, held.cases, out, catalogue, own)


def _flowing(engine: Local, held: Held, own: object, out: Path, catalogue: Path) -> Counts:
    """The claims' cases as they are read."""
    try:
        with Flow.open(engine, held, own, (out, catalogue)) as flow:
            (lane,) = flow.lanes
            reader = reading.Reader(held.job.claims, lane.numberer, {**reading.CASES, **held.wanted}, held.job.progress)
            with flow.sink.lane(0):
                for cases in reader.parts(PART):
                    lane.add(cases)
            return flow.finish(reader.rows, reader.rejected)
    except engine.errors as error:
        raise GroupingFault(outputs.refused(error, out)) from error


def known(scheme: str) -> str:
    """The scheme. Raises GroupingFault where there is none of that name."""
    if scheme not in SCHEMES:
        raise GroupingFault(f"没有名为 {scheme} 的分组方案，可用：{'、'.join(SCHEMES)}")
    return scheme


def opened(job: Job, scheme: str, own: object, procedures: Path | None, tables: Path | None) -> Held:
    """What a job holds for a scheme and its parameters' own part; nothing is read yet. Raises ParameterFault, GroupingFault."""
    if scheme == "dip":
        return Dip(job, read_kinds(procedures), rules.read(own).auxiliary)
    return Drg(job, drg_tables.read(tables) if tables else drg_tables.own())


def encoded(job: Job, scheme: str, own: object, procedures: Path | None, tables: Path | None) -> Held:
    """Read the files of a job, the claims too. Raises ParameterFault, GroupingFault."""
    return opened(job, scheme, own, procedures, tables).take()


class Dip(Held):
    """`Held` for DIP; *auxiliary* is what the cases' factors were read by."""

    def __init__(self, job: Job, kinds: Mapping[str, str], auxiliary: Auxiliary) -> None:
        self.job, self.auxiliary, self.numberer = job, auxiliary, encoding.Combinations()
        self.wanted = dict[str, reading.Column]()
        if auxiliary:
            asked = factors.columns(auxiliary)
            self.wanted["factor_bp"] = (np.int64, asked, lambda batch, _: factors.column(batch, auxiliary))
        columns = {"code": pa.array(kinds.keys(), pa.string()), "kind": pa.array(kinds.values(), pa.string())}
        self.kinds = job.engine.table(pa.table(columns))

    def trained(self, own: object) -> catalogue_rules.Catalogue:
        numbers = rules.read(own)
        one_weight_a_file("dip", numbers.year_weights, self.job.base)
        sums = dip.base_sums(self.counted, self.kinds, numbers.core_min_cases)
        return self.job.trained("dip", sums, numbers.year_weights)

    def looked_up(self, own: object, catalogue: catalogue_rules.Catalogue, keys: ir.Table | None = None) -> Found:
        numbers = rules.read(own)
        groups = self.job.engine.table(catalogues.groups_table(catalogue))
        looked = dip.looked_up(self.keys if keys is None else keys, self.kinds, groups)
        return Found(looked, catalogue, (numbers.low_bp, numbers.high_bp))


class Drg(Held):
    """`Held` for DRG."""

    def __init__(self, job: Job, tables: Tables) -> None:
        self.job, self.numberer, self.wanted = job, drg.Groups(tables), dict[str, reading.Column]()
        self.names = job.engine.table(self.numberer.table())

    def trained(self, own: object) -> catalogue_rules.Catalogue:
        weights, _, _ = rules.read_drg(own)
        one_weight_a_file("drg", weights, self.job.base)
        return self.job.trained("drg", drg.base_sums(self.counted, self.names), weights)

    def looked_up(self, own: object, catalogue: catalogue_rules.Catalogue, keys: ir.Table | None = None) -> Found:
        _, low_bp, high_bp = rules.read_drg(own)
        groups = self.job.engine.table(catalogues.groups_table(catalogue))
        return Found(drg.looked_up(self.names if keys is None else keys, groups), catalogue, (low_bp, high_bp))


def one_weight_a_file(scheme: str, weights: Sequence[int], base: Sequence[Path]) -> None:
    """Raises GroupingFault where base files and weights do not match."""
    if len(weights) != len(base):
        raise GroupingFault(
            f"基期文件有 {len(base)} 个，{scheme}.year_weights 有 {len(weights)} 个权重：应一一对应，最早的年份在前"
        )


def grouped_cases(engine: Engine, found: Found, cases: Cases) -> ir.Table:
    """Each case with its group and its own points (`dip.pointed`), in the file's order. Raises GroupingFault for points beyond int64."""
    dearest = engine.arrow(cases.table.agg(dearest=cases.table.total_fen.max()))["dearest"][0].as_py()
    check_range(dearest or 0, found.catalogue)
    return engine.grouped(cases, found.looked, lambda each: dip.pointed(each, *found.bounds))


def finish(
    engine: Engine, grouped: ir.Table, trained: catalogue_rules.Catalogue, cases: Cases, out: Path, catalogue: Path, parameters: object
) -> Counts:  # fmt: skip
    """Write the cases with their groups and points and all that goes beside them, or nothing, and count."""
    try:
        with outputs.whole(*targets(out, catalogue)) as (out_draft, catalogue_draft, review_draft, rejected_draft):
            engine.write(grouped, OUT, out_draft)
            engine.write(grouped.filter(grouped.review.notnull()).order_by("row"), REVIEW, review_draft)
            pq.write_table(cases.rejected, rejected_draft)
            catalogues.write(trained, catalogue_draft, parameters)
            kinds, review = (_counted(engine, grouped, name) for name in ("kind_of_group", "review"))
    except engine.errors as error:
        raise GroupingFault(outputs.refused(error, out)) from error
    return counts(
        trained, rows=cases.rows, rejected=cases.rejected.num_rows, cases=cases.count, kinds=kinds, review=review
    )


def _counted(engine: Engine, rows: ir.Table, name: str) -> dict[str, int]:
    given = rows.filter(rows[name].notnull())
    found = engine.arrow(given.group_by(name).agg(n=given.count())).to_pydict()
    return dict(sorted(zip(found[name], found["n"], strict=True)))
