"""The criteria in force at a place on a day: the shipped file with the county's approved changes laid over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection

from yigongti.kernel.access.once import once
from yigongti.service.referral.criteria import raw, read, shipped
from yigongti.service.referral.models import CriteriaSet, CriterionChange
from yigongti.service.referral.rules import Criteria
from yigongti.service.referral.rules.amending import Change, digest, lay_over


@dataclass(frozen=True)
class InForce:
    """A set of criteria with its hash; `rows` as the file writes them."""

    criteria: Criteria
    rows: tuple[Mapping[str, Any], ...]
    hash: str
    content: str


def in_force(place: str, on: date) -> InForce:
    """The set at a place (division code) on a day; one query a transaction."""
    return _built(str(connection.settings_dict["NAME"]), place[:6], on, _version(place[:6]))


@once
def _version(place: str) -> tuple[int, ...]:
    rows = CriterionChange.objects.filter(place=place, decision="approved").order_by("decided_at", "case_id")
    return tuple(rows.values_list("case_id", flat=True))


@lru_cache(maxsize=64)
def _built(database: str, place: str, on: date, version: tuple[int, ...]) -> InForce:
    data = raw()
    rows = lay_over(data["criteria"], _changes(version), on) if version else list(data["criteria"])
    hash, content = digest(rows)
    return InForce(read({**data, "criteria": rows}) if version else shipped(), tuple(rows), hash, content)


def _changes(ids: Sequence[int]) -> list[Change]:
    found = {row.pk: row for row in CriterionChange.objects.filter(pk__in=list(ids))}
    return [
        Change(row.criterion, row.body, row.starts, row.ends, order)
        for order, row in enumerate(found[pk] for pk in ids if pk in found)
    ]


def keep(place: str, on: date, at: Any) -> str:
    """Keep the set in force under its hash, once; returns the hash for what was judged by it."""
    found = in_force(place, on)
    if not _kept(found.hash):
        row = CriteriaSet(hash=found.hash, place=place[:6], content=found.content, kept_at=at)
        CriteriaSet.objects.bulk_create([row], ignore_conflicts=True)
    return found.hash


@once
def _kept(hash: str) -> bool:
    return CriteriaSet.objects.filter(pk=hash).exists()


def changes_of(place: str, criterion: str = "") -> list[CriterionChange]:
    """The county's changes, decided or not, newest first."""
    rows = CriterionChange.objects.select_related("case", "proposed_by", "decided_by").filter(place=place[:6])
    if criterion:
        rows = rows.filter(criterion=criterion)
    return list(rows.order_by("-proposed_at")[:500])


def changes_by_case(case_ids: Sequence[int]) -> dict[int, CriterionChange]:
    rows = CriterionChange.objects.select_related("proposed_by", "decided_by").filter(pk__in=list(case_ids))
    return {row.pk: row for row in rows}
