"""What others use of the fund. Nothing heavy is imported until it is called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.parameters import ParameterFault
from yigongti.benefit.fund.rules.person import ClaimFault

__all__ = [
    "GROUP_FAULTS", "ClaimFault", "ClearFault", "ParameterFault", "SettleFault", "clear", "explain", "group", "settle", "whatif",
    "year",
]  # fmt: skip

GROUP_FAULTS = (GroupingFault, ParameterFault)
"""What `group` raises; the messages are for the user."""


def group(
    claims: Path, *, scheme: str, parameters: Path, base: Sequence[Path], procedures: Path | None, tables: Path | None, out: Path,
    catalogue: Path, engine: str = "local", progress: Callable[[str, int], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`yigongti fund group` (docs/fund.md 3); returns the counts. Raises GROUP_FAULTS; then nothing is written."""
    from importlib import import_module

    from yigongti.benefit.fund.rules.parameters import load_raw

    module = import_module(f"yigongti.benefit.fund.batch.{'grouping' if engine == 'local' else 'spark'}")
    counts = module.group_file(
        claims, scheme=scheme, parameters=load_raw(parameters), base=base, procedures=procedures, tables=tables, out=out,
        catalogue=catalogue, progress=progress,
    )  # fmt: skip
    found: dict[str, Any] = counts.as_dict()
    return found


class SettleFault(ValueError):
    """A file that can't be settled; the message is for the user."""


def settle(
    claims: Path,
    *,
    parameters: Path,
    out: Path,
    engine: str = "local",
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """`yigongti fund settle` (docs/fund.md 2); returns the counts. Raises SettleFault or ParameterFault; then nothing is written.

    *progress* is called with (rows done, rows in all).
    """
    from yigongti.benefit.fund.rules.places import load_laws

    law = load_laws(parameters)
    from importlib import import_module

    from yigongti.benefit.fund.batch.source import FileFault

    told = progress or (lambda done, rows: None)
    module = import_module(f"yigongti.benefit.fund.batch.{'settling' if engine == 'local' else 'spark'}")
    try:
        counts = module.settle_file(claims, law, out, progress=told)
    except FileFault as fault:
        raise SettleFault(str(fault)) from fault
    found: dict[str, Any] = counts.as_dict()
    return found


def explain(claim_id: int, *, claims: Path, parameters: Path) -> list[str]:
    """`yigongti fund explain`: every step of one claim of a file, in Chinese, a line each.

    Raises SettleFault for a file that can't be read or has no such claim, ClaimFault for one that is rejected.
    """
    from yigongti.benefit.fund.batch.single import lines
    from yigongti.benefit.fund.batch.source import FileFault
    from yigongti.benefit.fund.rules.places import load_laws

    try:
        return lines(claim_id, claims, load_laws(parameters))
    except FileFault as fault:
        raise SettleFault(str(fault)) from fault


class ClearFault(ValueError):
    """A year that can't be cleared; the message is for the user."""


def clear(
    *, claims: Path, settled: Path, grouped: Path, members: Path, consortia: Path, insured: Path, parameters: Path, out: Path,
    engine: str = "local", progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`yigongti fund clear` (docs/fund.md 4); returns the counts. Raises ClearFault or ParameterFault; then nothing is written."""
    from importlib import import_module

    from yigongti.benefit.fund.batch.clearing_inputs import ClearFault as Fault
    from yigongti.benefit.fund.rules.parameters import load_raw
    from yigongti.benefit.fund.rules.pool import PoolFault

    module = import_module(f"yigongti.benefit.fund.batch.{'clearing' if engine == 'local' else 'spark'}")
    try:
        counts = module.clear_files(
            claims=claims, settled=settled, grouped=grouped, members=members, consortia=consortia, insured=insured,
            parameters=load_raw(parameters), out=out, progress=progress or (lambda step: None),
        )  # fmt: skip
    except (Fault, PoolFault) as fault:
        raise ClearFault(str(fault)) from fault
    found: dict[str, Any] = counts.as_dict()
    return found


def year(
    claims: Path, *, scheme: str, parameters: Path, base: Sequence[Path], procedures: Path | None, tables: Path | None, members: Path,
    consortia: Path, insured: Path, out: Path, progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`yigongti fund year`: what `settle`, `group` and `clear` do, by one reading of the claims; the counts of each.

    Raises SettleFault, ClearFault, ParameterFault or one of GROUP_FAULTS; then nothing is written.
    """
    from yigongti.benefit.fund.batch.clearing_inputs import ClearFault as Fault
    from yigongti.benefit.fund.batch.source import FileFault
    from yigongti.benefit.fund.batch.year import Asked, year_files
    from yigongti.benefit.fund.rules.parameters import load_raw
    from yigongti.benefit.fund.rules.places import load_laws
    from yigongti.benefit.fund.rules.pool import PoolFault

    asked = Asked(
        claims, scheme, load_raw(parameters), load_laws(parameters), base, procedures, tables, members, consortia, insured
    )  # fmt: skip
    try:
        return year_files(asked, out, progress or (lambda step: None)).as_dict()
    except FileFault as fault:
        raise SettleFault(str(fault)) from fault
    except (Fault, PoolFault) as fault:
        raise ClearFault(str(fault)) from fault


def whatif(
    claims: Path, *, base: Path, change: Path, line_fen: int | None = None, pool: Mapping[str, Path] | None = None,
    scheme: str | None = None, history: Sequence[Path] = (), procedures: Path | None = None, tables: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """`yigongti fund whatif` (docs/fund.md 5): sums, effects, deciles, crossings of one change; with *pool* (the files members, consortia,
    insured) also both sides of the clearing, stays grouped by *scheme* with *history* as base files.

    Raises SettleFault for a file that can't be read, ClearFault for a year that can't be cleared, ParameterFault or one of
    GROUP_FAULTS for parameters.
    """
    from yigongti.benefit.fund.batch.clearing_inputs import ClearFault as Fault
    from yigongti.benefit.fund.batch.source import FileFault
    from yigongti.benefit.fund.batch.whatif.files import Asked, ask
    from yigongti.benefit.fund.rules.parameters import load_raw
    from yigongti.benefit.fund.rules.pool import PoolFault

    amendment = load_raw(change)
    if not isinstance(amendment, dict):
        raise ParameterFault([f"{change.name} 应为一个 JSON 对象"])
    asked = Asked(claims, load_raw(base), amendment, line_fen, pool, scheme, tuple(history), procedures, tables)
    try:
        return ask(asked, progress or (lambda step: None))
    except FileFault as fault:
        raise SettleFault(str(fault)) from fault
    except (Fault, PoolFault) as fault:
        raise ClearFault(str(fault)) from fault
