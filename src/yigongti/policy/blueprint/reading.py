"""The shipped blueprints from their files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ..loader import HOME, read_yaml
from ..rules.terms import PolicyFault
from .checking import faults
from .model import (
    Alliance,
    Block,
    Blueprint,
    Body,
    Centre,
    Consortia,
    Count,
    Figure,
    Group,
    Item,
    LeadRule,
    Level,
    Network,
    Office,
    Site,
    Stage,
    UnknownBlueprint,
)

FOLDER = HOME / "blueprints"
T = TypeVar("T")


def blueprints() -> tuple[str, ...]:
    """Codes of the blueprints shipped, the newest text first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.yaml")), key=lambda code: (code != "hunan-2024", code)))


@cache
def load(code: str) -> Blueprint:
    """A shipped blueprint. Raises UnknownBlueprint, and PolicyFault for one that is not as it should be."""
    if code not in blueprints():
        raise UnknownBlueprint(f"没有蓝本 {code}；可用的蓝本：{'、'.join(blueprints())}")
    return read(FOLDER / f"{code}.yaml")


def read(path: Path) -> Blueprint:
    """The blueprint in a file. Raises PolicyFault naming the file and the field."""
    raw = read_yaml(path, path.name)
    try:
        found = _blueprint(raw, path.stem)
    except (KeyError, TypeError, ValueError) as fault:
        raise PolicyFault([f"{path.name}：{type(fault).__name__} {fault}"]) from None
    if wrong := faults(found, path.name):
        raise PolicyFault(wrong)
    return found


_LISTS: Mapping[str, type[Any]] = {
    "levels": Level, "alliances": Alliance, "bodies": Body, "offices": Office, "domains": Item, "unchanged": Item,
    "headquarters": Centre, "resource_centres": Centre, "clinical_centres": Centre, "emergency_centres": Centre,
    "desks": Centre, "stages": Stage, "parameters": Item, "figures": Figure,
}  # fmt: skip
_GROUPS = ("framework", "supervision", "departments")
_MAY_LACK = ("unchanged", "headquarters", "resource_centres", "clinical_centres", "emergency_centres", "desks", "stages",
             *_GROUPS)  # fmt: skip


def _blueprint(raw: dict[str, Any], code: str) -> Blueprint:
    left = {**{name: [] for name in _MAY_LACK}, **raw}
    lists: dict[str, Any] = {name: _many(kind, left.pop(name)) for name, kind in _LISTS.items()}
    groups: dict[str, Any] = {name: _groups(left.pop(name)) for name in _GROUPS}
    lead, consortia = _one(LeadRule, left.pop("lead")), _one(Consortia, left.pop("consortia"))
    return Blueprint(code=code, lead=lead, consortia=consortia, network=_network(left.pop("network")),
                     **lists, **groups, **left)  # fmt: skip


def _network(raw: dict[str, Any]) -> Network:
    blocks = tuple(_one(Block, {**block, "rows": _many(Count, block["rows"])}) for block in raw["blocks"])
    sites, outside = _many(Site, raw.get("sites", ())), _many(Site, raw.get("outside", ()))
    return _one(Network, {**raw, "blocks": blocks, "sites": sites, "outside": outside})


def _one(kind: type[T], raw: Mapping[str, Any]) -> T:
    """A mapping as its dataclass; lists become tuples. TypeError for a field that it does not have."""
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()})


def _many(kind: type[T], raw: Any) -> tuple[T, ...]:
    return tuple(_one(kind, entry) for entry in raw)


def _groups(raw: list[dict[str, Any]]) -> tuple[Group, ...]:
    """Groups whose parts are written as plain titles; a part's code and clause continue its group's."""
    groups = []
    for entry in raw:
        parts = tuple(
            Item(f"{entry['code']}.{number}", title, f"{entry['clause']}.{number}")
            for number, title in enumerate(entry["items"], 1)
        )
        groups.append(Group(**{**entry, "items": parts}))
    return tuple(groups)
