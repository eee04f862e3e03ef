"""Ability lists: what an institution can treat or do, begun from the platform's list of its kind, then its own."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.db.models import Q

from yigongti.kernel import calendar
from yigongti.kernel.access.door import Acting
from yigongti.kernel.access.once import forget
from yigongti.kernel.audit import log
from yigongti.kernel.case.facade import Refused
from yigongti.registry.actions.places import DATA
from yigongti.registry.models import AbilityItem, Institution
from yigongti.registry.rules.network import CLINICS, TOWNSHIPS

_LISTS = {
    "village": CLINICS,
    "township": TOWNSHIPS,
    "county": (
        Institution.Kind.COUNTY_GENERAL,
        Institution.Kind.COUNTY_TCM,
        Institution.Kind.PRIVATE_HOSPITAL,
        Institution.Kind.CITY_HOSPITAL,
    ),
}


@cache
def _list(name: str) -> tuple[tuple[str, str, str, str], ...]:
    with (DATA / f"ability_{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple((r["code_prefix"], r["name"], r["note"], r["kind"]) for r in csv.DictReader(file))


def starting_abilities(unit_id: int, kind: str, on: date) -> list[AbilityItem]:
    """The list that a new institution of a kind starts from; it keeps its own afterwards. Empty for other kinds."""
    name = next((name for name, kinds in _LISTS.items() if kind in kinds), "")
    if not name:
        return []
    return [
        AbilityItem(
            institution_id=unit_id, prefix=prefix, title=title[:80], note=note[:120], kind=what, starts=on,
            source="平台初始清单（假定），由机构自行维护",
        )
        for prefix, title, note, what in _list(name)
    ]  # fmt: skip


def add_ability(*, acting: Acting, institution_id: int, values: Mapping[str, Any]) -> AbilityItem:
    """A line more in an institution's function profile, from a day on. Raises Refused when it is there already."""
    acting.demand("registry.manage")
    prefix, starts = values["prefix"].upper(), values["starts"]
    same = AbilityItem.objects.filter(institution_id=institution_id, kind=values["kind"], prefix=prefix)
    if same.filter(Q(ends=None) | Q(ends__gte=starts)).exists():
        raise Refused(f"清单中已有 {prefix}", field="prefix", remedy="不用再加")
    item: AbilityItem = AbilityItem.objects.create(
        institution_id=institution_id, kind=values["kind"], prefix=prefix, title=values["title"],
        note=values.get("note") or "", starts=starts, source=values.get("source") or "",
    )  # fmt: skip
    forget()
    log.did("ability_added", "institution", [institution_id], [], why=f"{prefix} {item.title}")
    return item


def end_ability(*, acting: Acting, ability_id: int, institution_id: int) -> None:
    """The line no longer holds from today on; what it meant before stays readable."""
    acting.demand("registry.manage")
    item = AbilityItem.objects.get(pk=ability_id, institution_id=institution_id)
    yesterday = calendar.today() - timedelta(days=1)
    if item.starts > yesterday:
        item.starts = yesterday
    item.ends = yesterday
    item.save(force_update=True)
    forget()
    log.did("ability_ended", "institution", [institution_id], [], why=f"{item.prefix} {item.title}")
