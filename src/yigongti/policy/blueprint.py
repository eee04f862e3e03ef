"""Blueprints: how one published system builds its consortium, as data for ``county new``.

A blueprint is a template: the simulation and ``county new`` read it once and write plain registry rows;
nothing consults it afterwards. Every item cites its clause; what the text leaves open is marked assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from .loader import HOME, read_yaml, shipped
from .rules.terms import STATUSES, PolicyError, PolicyFault

FOLDER = HOME / "blueprints"


class UnknownBlueprint(PolicyError, LookupError):
    """There is no blueprint of that code."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of a blueprint.

    A stable *code*, the title users read, the clause it stands in, how sure that is.
    """

    code: str
    title: str
    clause: str
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Centre(Item):
    """A centre.

    *domain* is the code of the unified domain it serves (empty for those that serve patients).
    """

    domain: str = ""


@dataclass(frozen=True, slots=True)
class Group(Item):
    """Something with parts: an area of the supervision list with its items, a department with its duties."""

    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadRule:
    """Who may lead.

    Least hospital level (1–3), kinds (``general``, ``tcm``), whether it must be non-profit.
    """

    least_level: int
    kinds: tuple[str, ...]
    non_profit: bool
    clause: str
    status: str = "confirmed"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """The governing body: title, the departments and parties in it, where its daily work is done."""

    title: str
    members: tuple[str, ...]
    office: str
    clause: str


@dataclass(frozen=True, slots=True)
class Consortia:
    """How many consortia a county may have; *most* None: left to the county."""

    least: int
    most: int | None
    clause: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """One system.

    *place* is the folder of the jurisdiction whose parameters it brings; *starts* its day of issue.
    """

    code: str
    row: str
    title: str
    source: str
    document: str
    place: str
    starts: date
    levels: tuple[Item, ...]
    alliances: tuple[Item, ...]
    consortia: Consortia
    body: Body
    lead: LeadRule
    domains: tuple[Item, ...]
    headquarters: tuple[Centre, ...]
    resource_centres: tuple[Centre, ...]
    clinical_centres: tuple[Centre, ...]
    emergency_centres: tuple[Centre, ...]
    supervision: tuple[Group, ...]
    departments: tuple[Group, ...]
    parameters: tuple[Item, ...]

    def items(self) -> tuple[Item, ...]:
        """Every cited item, parts included, in the order of the blueprint."""
        flat: list[Item] = [
            *self.levels, *self.alliances, *self.domains, *self.headquarters, *self.resource_centres,
            *self.clinical_centres, *self.emergency_centres, *self.parameters,
        ]  # fmt: skip
        for group in (*self.supervision, *self.departments):
            flat += [group, *group.items]
        return tuple(flat)


def blueprints() -> tuple[str, ...]:
    """Codes of the blueprints shipped, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


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
        return _checked(_blueprint(raw, path.stem), path.name)
    except (KeyError, TypeError, ValueError) as fault:
        raise PolicyFault([f"{path.name}：{type(fault).__name__} {fault}"]) from None


def _blueprint(raw: dict[str, Any], code: str) -> Blueprint:
    fields = dict(raw)
    return Blueprint(
        code=code,
        levels=_items(fields.pop("levels")),
        alliances=_items(fields.pop("alliances")),
        consortia=Consortia(**fields.pop("consortia")),
        body=Body(**_tuples(fields.pop("body"), "members")),
        lead=LeadRule(**_tuples(fields.pop("lead"), "kinds")),
        domains=_items(fields.pop("domains")),
        headquarters=_centres(fields.pop("headquarters")),
        resource_centres=_centres(fields.pop("resource_centres")),
        clinical_centres=_centres(fields.pop("clinical_centres")),
        emergency_centres=_centres(fields.pop("emergency_centres")),
        supervision=_groups(fields.pop("supervision")),
        departments=_groups(fields.pop("departments")),
        parameters=_items(fields.pop("parameters")),
        **fields,
    )


def _items(raw: list[dict[str, Any]]) -> tuple[Item, ...]:
    return tuple(Item(**entry) for entry in raw)


def _centres(raw: list[dict[str, Any]]) -> tuple[Centre, ...]:
    return tuple(Centre(**entry) for entry in raw)


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


def _tuples(raw: dict[str, Any], name: str) -> dict[str, Any]:
    return {**raw, name: tuple(raw[name])}


def _checked(blueprint: Blueprint, name: str) -> Blueprint:
    """The blueprint itself, once titles, clauses, statuses, domains and parameters are in order."""
    faults = []
    for item in blueprint.items():
        if not item.title or not item.clause or item.status not in STATUSES:
            faults.append(f"{name} · {item.code}：应有 title、clause 和合法的 status")
    domains = {domain.code for domain in blueprint.domains}
    for centre in blueprint.headquarters:
        if centre.domain not in domains:
            faults.append(f"{name} · {centre.code}：没有统一管理领域 {centre.domain}")
    shelf = shipped()
    place = next((place.code for place in shelf.places.values() if place.folder == blueprint.place), "")
    for item in blueprint.parameters:
        if not any(value.clause == item.clause for value in shelf.history(item.code, place)):
            faults.append(f"{name} · {item.code}：{blueprint.place}/ 中没有出自 {item.clause} 的这一参数")
    if faults:
        raise PolicyFault(faults)
    return blueprint
