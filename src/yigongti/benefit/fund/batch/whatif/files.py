"""`yigongti fund whatif`: one change asked of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yigongti.benefit.fund.batch.clearing_inputs import Small
from yigongti.benefit.fund.batch.engines import Local
from yigongti.benefit.fund.batch.grouping import SCHEMES, Job, encoded, part
from yigongti.benefit.fund.batch.whatif.pooled import NOTHING, Lay, Pooled, Side
from yigongti.benefit.fund.batch.whatif.year import WhatIf, amended
from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.parameters import OWN_PARTS, ParameterFault
from yigongti.benefit.fund.rules.places import KEY

LAID = ("points", "coefficients")
"""Keys of a change that are no parameters: points (milli) by name of group, coefficients (bp) by institution."""

MOST = 10**12


@dataclass(frozen=True)
class Asked:
    """The files and the change (docs/fund.md 5). *pool*: the files members, consortia, insured."""

    claims: Path
    base: object
    change: Mapping[str, Any]
    line_fen: int | None = None
    pool: Mapping[str, Path] | None = None
    scheme: str | None = None
    history: tuple[Path, ...] = ()
    procedures: Path | None = None
    tables: Path | None = None


def ask(asked: Asked, progress: Callable[[str], None]) -> dict[str, Any]:
    """Everything the command prints. Raises FileFault, ParameterFault, ClearFault, PoolFault, GroupingFault."""
    if problems := unknown(asked.base, settings(asked.change)):
        raise ParameterFault(problems)
    lay, parameters = laid(asked.change), amended(asked.base, settings(asked.change))
    if asked.pool is None and (lay != NOTHING or asked.scheme):
        raise GroupingFault("分组方案、病种分值、机构系数只影响清算，请同时给出 --members、--consortia、--insured")
    progress("读取并按现行参数结算")
    year = WhatIf.open(asked.claims, asked.base)
    pooled = None if asked.pool is None else _pooled(asked, asked.pool, year, progress)
    progress("按改动后的参数重新结算")
    answer = year.answer(parameters, line_fen=asked.line_fen)
    found = answer.as_dict()
    if pooled is not None:
        progress("按改动后的参数重新清算")
        found["clearing"] = {
            "before": _told(pooled.before),
            "after": _told(pooled.side(parameters, answer.settled, lay)),
        }
    return found


def settings(change: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a change that is parameters."""
    return {name: value for name, value in change.items() if name not in LAID}


def unknown(base: object, change: Mapping[str, Any]) -> list[str]:
    """The keys of a change that the base's parameters of settlement do not have: they would change nothing, and nobody would notice.

    What stands beside them (pool, dip, drg) may have parts that a base leaves out.
    """
    known = _bodies(base)
    return [
        f"改动中的“{path}”不在现行参数中，改了也不起作用：请核对拼写"
        for name, value in change.items()
        if name not in OWN_PARTS and name not in (KEY, "sets")
        for path in _strange(name, value, [one.get(name) for one in known], bool(known))
    ]


def _bodies(base: object) -> list[Mapping[str, Any]]:
    """Every set of parameters in a file: of one, of dates, of places."""
    if not isinstance(base, Mapping):
        return []
    if isinstance(base.get(KEY), Mapping):
        return [body for one in base[KEY].values() for body in _bodies(one)]
    if isinstance(base.get("sets"), list):
        return [body for one in base["sets"] if isinstance(one, Mapping) for body in _bodies(one.get("set"))]
    return [base]


def _strange(path: str, value: object, there: list[Any], sure: bool) -> list[str]:
    if sure and all(one is None for one in there):
        return [path]
    if not isinstance(value, Mapping):
        return []
    inside = [one for one in there if isinstance(one, Mapping)]
    return [
        bad
        for name, deeper in value.items()
        if inside
        for bad in _strange(f"{path}.{name}", deeper, [one.get(name) for one in inside], True)
    ]


def laid(change: Mapping[str, Any]) -> Lay:
    """The part of a change that is laid over catalogue and members. Raises ParameterFault."""
    points, coefficients = ({} if change.get(name) is None else change[name] for name in LAID)
    problems = [
        f"{name} 应是一个对象"
        for name, value in zip(LAID, (points, coefficients), strict=True)
        if not isinstance(value, Mapping)
    ]
    if problems:
        raise ParameterFault(problems)
    for what, values in zip(LAID, (points, coefficients), strict=True):
        for name, value in values.items():
            if type(value) is not int or not 0 <= value <= MOST:
                problems.append(f"{what} 中“{name}”的值应为 0 到 {MOST} 的整数，现为 {value!r}")
    problems += [f"coefficients 的“{name}”不是机构编号" for name in coefficients if not str(name).isdecimal()]
    if problems:
        raise ParameterFault(problems)
    return Lay(dict(points), {int(name): value for name, value in coefficients.items()})


def _pooled(asked: Asked, files: Mapping[str, Path], year: WhatIf, progress: Callable[[str], None]) -> Pooled:
    held, engine = None, Local()
    if asked.scheme:
        if asked.scheme not in SCHEMES:
            raise GroupingFault(f"没有名为 {asked.scheme} 的分组方案，可用：{'、'.join(SCHEMES)}")
        progress("读取基期，按现行参数分组")
        own = part(asked.base, asked.scheme)
        held = encoded(Job(asked.history, asked.claims, engine), asked.scheme, own, asked.procedures, asked.tables)
    progress("按现行参数清算")
    return Pooled(year, asked.claims, Small.of_files(**files), engine, held=held)


def _told(side: Side) -> dict[str, Any]:
    return {
        "consortia": list(side.consortia), "members": list(side.members),
        "final_point_value_fen": {str(one): value for one, value in side.final_point_value.items()},
    }  # fmt: skip
