"""Parameters of several places in one file: a claim follows those of the place that insured the person on its day (ADR 0038).

``{"places": {"330482": {…}, "330483": {"sets": […]}}}``: under each place what a file of one place holds. Parts that the rule of
settlement does not read (``dip``, ``drg``, ``pool``) stand beside ``places``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .parameters import OWN_PARTS, ParameterFault, Parameters, load_raw, read

KEY = "places"
MOST_PLACES = 127
"""Places of a file: what the packed record of a claim has room for, less one that stands for none of them."""


@dataclass(frozen=True)
class Places:
    """The parameters of each place, in the order of the file."""

    by: Mapping[str, Parameters]

    @property
    def names(self) -> tuple[str, ...]:
        """The places."""
        return tuple(self.by)


Laws = Parameters | Places
"""Whose rules a file of claims follows: one place's, whatever it says, or each claim its own place's."""


def load_laws(path: Path) -> Laws:
    """Read a parameter file of one place or of several; ParameterFault for whatever is wrong with it."""
    return read_laws(load_raw(path))


def read_laws(given: object) -> Laws:
    """The whole JSON of a parameter file of one place or of several, checked; ParameterFault names every problem."""
    if not isinstance(given, Mapping) or KEY not in given:
        return read(given)
    told, problems = given[KEY], []
    if not isinstance(told, Mapping) or not 0 < len(told) <= MOST_PLACES:
        raise ParameterFault([f"{KEY} 应为 1 到 {MOST_PLACES} 个参保地的参数，按参保地代码列出"])
    more = sorted(set(given) - {KEY, *OWN_PARTS})
    if more:
        problems.append(f"有 {KEY} 时，{'、'.join(more)} 应写在各参保地之下")
    found: dict[str, Parameters] = {}
    for name, own in told.items():
        try:
            found[name] = read(own)
        except ParameterFault as fault:
            problems += [f"{KEY}.{name}：{one}" for one in fault.problems]
    if problems:
        raise ParameterFault(problems)
    return Places(found)


def lacking(claim_id: int, names: Sequence[str]) -> ParameterFault:
    """The error of a file that has no parameters of a claim's place."""
    told = "、".join(names[:5]) + (" 等" if len(names) > 5 else "")
    return ParameterFault(
        [
            f"结算清单 {claim_id} 的参保地（place）不在参数文件的 {KEY} 之中（有 {told}）；请补上该地参数，或更正清单的参保地"
        ]
    )
