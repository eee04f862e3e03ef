"""A catalogue as a Parquet file: a row per group; scheme, mean of all, sources, parameters and content hash in its metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from yigongti.benefit.fund.batch.dip import LIMB
from yigongti.benefit.fund.rules.catalogue import Catalogue, CatalogueFault, Group, Source, train

META = b"yigongti.catalogue"
SCHEMA = pa.schema(
    [
        ("group", pa.string()), ("kind_of_group", pa.string()), ("cases", pa.int64()), ("weighted_fen", pa.string()),
        ("weighted_cases", pa.int64()), ("group_mean_fen", pa.int64()), ("points_milli", pa.int64()),
    ]
)  # fmt: skip
"""`weighted_fen` is written as text: a sum of weighted charges may be beyond int64."""


def trained(scheme: str, sums: pa.Table, weights: Sequence[int], names: Sequence[str]) -> Catalogue:
    """The catalogue of base sums (group, kind_of_group, year, n, millions, rest)."""
    columns = sums.to_pydict()
    rows = zip(*(columns[name] for name in ("group", "kind_of_group", "year", "n", "millions", "rest")), strict=True)
    exact = ((group, kind, year, n, millions * LIMB + rest) for group, kind, year, n, millions, rest in rows)
    return train(scheme, exact, tuple(weights), names)


def groups_table(catalogue: Catalogue) -> pa.Table:
    """What looking up needs: group, kind_of_group, group_mean_fen, group_points_milli."""
    rows = list(catalogue.groups.values())
    return pa.table(
        {
            "group": pa.array([row.name for row in rows], pa.string()),
            "kind_of_group": pa.array([row.kind_of_group for row in rows], pa.string()),
            "group_mean_fen": pa.array([row.mean_fen for row in rows], pa.int64()),
            "group_points_milli": pa.array([row.points_milli for row in rows], pa.int64()),
        }
    )


def write(catalogue: Catalogue, path: Path, parameters: object = None) -> None:
    """Write it, groups in order of name."""
    rows = [group for _, group in sorted(catalogue.groups.items())]
    meta = {
        "scheme": catalogue.scheme,
        "digest": catalogue.digest,
        "mean_all_fen": catalogue.mean_all_fen,
        "sources": [[one.name, one.weight, one.cases, str(one.total_fen)] for one in catalogue.sources],
        "parameters": parameters,
    }
    columns = [
        [row.name for row in rows], [row.kind_of_group for row in rows], [row.cases for row in rows],
        [str(row.weighted_fen) for row in rows], [row.weighted_cases for row in rows],
        [row.mean_fen for row in rows], [row.points_milli for row in rows],
    ]  # fmt: skip
    schema = SCHEMA.with_metadata({META: json.dumps(meta, ensure_ascii=False).encode()})
    arrays = [pa.array(values, kind.type) for values, kind in zip(columns, SCHEMA, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path)


def read(path: Path) -> Catalogue:
    """Read it back. Raises CatalogueFault for another kind of file and for one whose content is not what its hash says."""
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise CatalogueFault(f"读不到病种目录 {path}：不是完整的 Parquet 文件") from error
    meta = json.loads((table.schema.metadata or {}).get(META, b"null"))
    if meta is None or table.schema.names != SCHEMA.names:
        raise CatalogueFault(f"{path} 不是病种目录文件，请用 yigongti fund group … --catalogue 生成")
    rows = zip(*(table[name].to_pylist() for name in SCHEMA.names), strict=True)
    groups = {row[0]: Group(row[0], row[1], row[2], int(row[3]), *row[4:]) for row in rows}
    sources = tuple(Source(name, weight, cases, int(fen)) for name, weight, cases, fen in meta["sources"])
    catalogue = Catalogue(meta["scheme"], groups, meta["mean_all_fen"], sources)
    if catalogue.digest != meta["digest"]:
        raise CatalogueFault(f"病种目录 {path} 的内容与其校验值不符，文件已被改动，请重新生成")
    return catalogue
