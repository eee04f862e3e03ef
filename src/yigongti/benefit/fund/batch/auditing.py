"""Runs the rules of ``rules.audit`` over claims in memory or over a file, on DuckDB."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yigongti.benefit.fund.rules.audit import BY_CODE, COLUMNS, FOUND, Thresholds, evidence_key, prepared

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Found:
    """One finding: rule, who answers, the claims it rests on, what was measured against what, fen at stake."""

    rule: str
    institution_id: int
    claims: tuple[int, ...]
    measure: int
    against: int
    amount_fen: int
    period: int

    @property
    def key(self) -> str:
        """The same evidence, the same key."""
        return evidence_key(self.rule, self.institution_id, self.claims, self.period)


def schema() -> pa.Schema:
    """Columns that rules read, as Arrow types."""
    import pyarrow as pa

    types = {"int64": pa.int64(), "int32": pa.int32(), "string": pa.string()}
    return pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])


def search(claims: pa.Table, thresholds: Thresholds, rules: Iterable[str] = BY_CODE) -> list[Found]:
    """Every finding of *rules* over *claims* (columns of ``schema``), largest amount first, then by evidence."""
    import ibis

    base = ibis.duckdb.connect()
    try:
        base.con.register("claims", claims.cast(schema()))
        table = prepared(base.table("claims"))
        found = []
        for code in rules:
            rows = base.to_pyarrow(BY_CODE[code].expression(table, thresholds).select(*FOUND)).to_pylist()
            found += [
                Found(code, row["institution_id"], tuple(row["claims"]), row["measure"], row["against"], row["amount_fen"],
                      row["period"]) for row in rows
            ]  # fmt: skip
    finally:
        base.disconnect()
    return sorted(found, key=lambda one: (-one.amount_fen, one.rule, one.key))
