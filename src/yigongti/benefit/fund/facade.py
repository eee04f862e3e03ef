"""What others use of the fund. Nothing heavy is imported until it is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from yigongti.benefit.fund.rules.catalogue import GroupingFault
from yigongti.benefit.fund.rules.parameters import ParameterFault

__all__ = ["GROUP_FAULTS", "group"]

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
