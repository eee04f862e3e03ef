"""The relations of grouping and clearing are the same on PostgreSQL as on DuckDB (Spark: tests/drill/test_spark.py)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import ibis
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benefit.fund import clearing_support, grouping_support
from tests.conftest import _the_cluster
from tests.support.often import often
from yigongti.benefit.fund.batch import clearing, engines, grouping


class Postgres(engines.Local):
    """The tests' PostgreSQL: rows in temporary tables, relations there; rows are judged and numbered in this process."""

    errors = (OSError, psycopg.Error, pa.ArrowException)
    flows = False

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.ibis, self.connection, self.tables = ibis, ibis.postgres.from_connection(connection), 0

    def scratch(self) -> Any:
        return nullcontext()

    def table(self, rows: pa.Table) -> Any:
        self.tables += 1
        return self.connection.create_table(f"given{self.tables}", rows, temp=True)

    def read(self, path: Path) -> Any:
        return self.table(pq.read_table(path))

    def summed(self, files: tuple[Path, Path, Path], columns: Sequence[str], sums: engines.Sums) -> pa.Table:
        claims, settled, grouped = map(self.read, files)
        return self.arrow(sums(engines.together(claims, settled, grouped, columns)))

    def grouped(self, cases: engines.Cases, looked: Any, pointed: engines.Points) -> Any:
        return engines.grouped(self, cases, looked, pointed)

    def write(self, rows: Any, columns: Sequence[str], path: Path) -> None:
        pq.write_table(self.arrow(rows.select(*columns)), path)


@pytest.fixture
def postgres(database: str) -> Iterator[Postgres]:
    dsn = _the_cluster().instance.dsn(admin=True, database=database)
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield Postgres(connection)


def test_random_claims_under_random_parameters_are_grouped_alike(postgres: Postgres, tmp_path: Path) -> None:
    for seed in range(often(2, 6)):
        draw = random.Random(seed)
        p, folder = grouping_support.random_parameters(draw, 2), tmp_path / str(seed)
        folder.mkdir()
        base = [
            grouping_support.write(
                folder / f"Y{at}.parquet", grouping_support.random_claims(draw, draw.choice([1, 40, 400]))
            )
            for at in (1, 2)
        ]
        claims = grouping_support.write(folder / "claims.parquet", grouping_support.random_claims(draw, 400))
        kinds = folder / "kinds.parquet"
        pq.write_table(pa.table({"code": ["47.01", "54.11"], "kind": ["operation", "diagnostic"]}), kinds)
        written = []
        for engine in (engines.Local(), postgres):
            grouping.group_file(
                claims, scheme="dip", parameters={"dip": p}, base=base, procedures=kinds, engine=engine,
                out=folder / "out.parquet", catalogue=folder / "catalogue.parquet",
            )  # fmt: skip
            names = ("out", "catalogue", "out.review")
            written.append({name: pq.read_table(folder / f"{name}.parquet").to_pydict() for name in names})
        assert written[0] == written[1]


def test_random_years_under_random_parameters_are_cleared_alike(postgres: Postgres, tmp_path: Path) -> None:
    for seed in range(often(2, 6)):
        files, parameters = clearing_support.hand()
        draw = random.Random(seed)
        for row in files["claims"]:
            row |= {"total_fen": row["total_fen"] + draw.randrange(10**6), "in_county": draw.random() < 0.7}
        for row in files["grouped"]:
            row["points_milli"] = draw.choice([0, draw.randrange(10**7), draw.randrange(10**10)])
        parameters["pool"] |= {
            "point_value_fen": draw.randrange(1, 3_000), "same_pay_diseases": draw.choice([[], ["J18"], ["I10"]]),
            "inpatient_by": draw.choice(["dip", "basic"]),
        }  # fmt: skip
        folder = tmp_path / str(seed)
        folder.mkdir()
        paths = clearing_support.write(folder, files)
        cleared = []
        for engine in (engines.Local(), postgres):
            clearing.clear_files(**paths, parameters=parameters, out=folder / "out", engine=engine)
            cleared.append(
                [pq.read_table(folder / "out" / f"{name}.parquet").to_pydict() for name in ("consortium", "member")]
            )
        assert cleared[0] == cleared[1]
