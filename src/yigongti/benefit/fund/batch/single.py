"""One claim of a file explained: its person's claims are read and settled by the counter's way, trace included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from yigongti.kernel.money import yuan

from ..rules.claims import NEEDED, VOCABULARIES, fault, reason, wrong_amounts
from ..rules.explaining import explain, heading
from ..rules.parameters import Parameters
from ..rules.person import Claim, ClaimFault, settle_person
from ..rules.places import Laws, lacking
from .law import one_place, read_by
from .source import FileFault, Source
from .writing import REJECTIONS, why


def lines(claim_id: int, path: Path, parameters: Laws) -> list[str]:
    """The claim's heading and steps with their parameters; FileFault or ClaimFault where there is none to explain."""
    one_place(path, parameters)
    columns = read_by(parameters)
    rows = _rows_of(path, columns, "claim_id", claim_id)
    if not rows:
        raise FileFault(f"{path} 中没有编号为 {claim_id} 的结算清单。请核对编号。")
    if len(rows) > 1:
        raise ClaimFault("duplicate", reason(2))
    _refuse(rows[0])
    person = _rows_of(path, columns, "person_id", rows[0]["person_id"])
    repeated = _repeated(path, {row["claim_id"] for row in person})
    taken = [_claim(row) for row in person if _code(row)[0] == 0 and row["claim_id"] not in repeated]
    laws = parameters if isinstance(parameters, Parameters) else _by_place(taken, parameters.by)
    settled = next(one for one in settle_person(taken, laws) if one.claim.claim_id == claim_id)
    found = [heading(settled)]
    if not isinstance(laws, Parameters):
        found.append(_moved(settled.claim, taken))
    for step in explain(settled, laws if isinstance(laws, Parameters) else laws[settled.claim.place]):
        amount = "" if step.result_fen is None else f"：{yuan(step.result_fen)} 元"
        found.append(f"{step.number} {step.title}{amount}")
        found += [f"    {line}" for line in step.lines]
        if step.parameters:
            found.append(f"    参数：{'、'.join(step.parameters)}")
    return found


def _by_place(claims: list[Claim], by: Mapping[str, Parameters]) -> Mapping[str, Parameters]:
    """The parameters by place; ParameterFault where a claim's is none of them, as a run says it."""
    for one in claims:
        if one.place not in by:
            raise lacking(one.claim_id, tuple(by))
    return by


def _moved(claim: Claim, claims: list[Claim]) -> str:
    """Whose rules the claim follows, and of which places the person has claims."""
    counted = Counter(one.place for one in sorted(claims, key=lambda one: one.order))
    told = f"按参保地 {claim.place} 的规则结算。"
    if len(counted) == 1:
        return told
    where = "、".join(f"{place} {many} 份" for place, many in counted.items())
    return f"{told}参保人有不同参保地的清单（{where}）：起付线链、已用额度和年度累计随人，每份按当时参保地的规则。"


def _rows_of(path: Path, columns: Sequence[str], column: str, value: int) -> list[dict[str, Any]]:
    source, found = Source(path, columns), []
    for unit in source.units():
        for _, table in source.tables(unit, source.columns):
            kept = table.filter(pc.fill_null(pc.equal(table[column], pa.scalar(value, table[column].type)), False))
            found += kept.to_pylist()
    return found


def _repeated(path: Path, numbers: set[int | None]) -> set[int]:
    """Of the person's numbers those that more than one row of the file bears, whosever: such rows take no part."""
    wanted = pa.array([number for number in numbers if number is not None], pa.int64())
    source, counted = Source(path), Counter[int]()
    for unit in source.units():
        for _, table in source.tables(unit, ["claim_id"]):
            column = table["claim_id"].cast(pa.int64())
            counted.update(column.filter(pc.is_in(column, wanted)).to_pylist())
    return {number for number, many in counted.items() if many > 1}


def _code(row: dict[str, Any]) -> tuple[int, int]:
    """(position in REJECTIONS, mask of the fields) of a row whose number is unique."""
    lacks = sum(1 << place for place, name in enumerate(NEEDED) if row.get(name, "") is None)
    if lacks:
        return 1, lacks
    unknown = sum(1 << place for place, (name, words) in enumerate(VOCABULARIES.items()) if row[name] not in words)
    amounts = (row["total_fen"], row["excluded_fen"], row["copay_first_fen"])
    code = fault(0, 0, *amounts, row["start_date"].toordinal(), row["end_date"].toordinal(), unknown)
    return code, {3: wrong_amounts(*amounts), 6: unknown}.get(code, 0)


def _refuse(row: dict[str, Any]) -> None:
    code, mask = _code(row)
    if code:
        raise ClaimFault(REJECTIONS[code], f"结算清单 {row['claim_id']} 不予受理：{why(code, mask)}")


def _claim(row: dict[str, Any]) -> Claim:
    return Claim(**{name: row[name] for name in Claim.__dataclass_fields__ if name in row})
