"""The auxiliary factors of a batch of claims: `rules.factors`, decided once for each distinct combination of what they look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from yigongti.benefit.fund.rules.dip import Case
from yigongti.benefit.fund.rules.factors import Auxiliary
from yigongti.kernel.money import WHOLE

if TYPE_CHECKING:
    from numpy.typing import NDArray


def columns(auxiliary: Auxiliary) -> tuple[str, ...]:
    """The columns that the factors switched on look at."""
    asked = []
    if auxiliary.age_bands:
        asked.append("age_days")
    if auxiliary.icu_days:
        asked.append("icu_days")
    if auxiliary.cci_bands or auxiliary.severity:
        asked.append("other_dx")
    if auxiliary.severity:
        asked += ["days", "outcome"]
    return tuple(asked)


def column(batch: pa.RecordBatch, auxiliary: Auxiliary) -> NDArray[np.int64]:
    """The factor of each row, basis points; WHOLE where none applies."""
    names = columns(auxiliary)
    known: dict[tuple[object, ...], int] = {}
    out = np.empty(batch.num_rows, np.int64)
    for row, seen in enumerate(zip(*(batch.column(name).to_pylist() for name in names), strict=True)):
        key = tuple(tuple(one) if isinstance(one, list) else one for one in seen)
        bp = known.get(key)
        if bp is None:
            case: dict[str, Any] = dict(zip(names, key, strict=True))
            case["other_dx"] = tuple(code for code in case.get("other_dx") or () if code)
            factor = auxiliary.highest(Case("", (), 0, **case))
            bp = known[key] = factor.bp if factor else WHOLE
        out[row] = bp
    return out
