"""What the tests of the counter share: drafts of claims, settling them through the action."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db.models import QuerySet

from tests.support.ground import Ground
from yigongti.benefit.fund.actions.settling import Draft, settle
from yigongti.benefit.fund.models import Claim, Settlement
from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.benefit.fund.queries import reckoning
from yigongti.kernel import calendar
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry

YEAR = calendar.today().year - 1
"""A whole year that lies behind us."""
ELSEWHERE = "320300"
"""A place with rules of its own."""


def draft(ground: Ground, unit: str = "H1", person: int = 0, **other: Any) -> Draft:
    """An inpatient stay of a resident of the home consortium; dates and amounts as told."""
    small = ground.small
    level = {"H": "county", "T": "township", "C": "village"}[unit[0]]
    values: dict[str, Any] = {
        "subject_id": small.people[person], "institution_id": small.units[unit], "insurance": "resident", "aid_class": "none",
        "level": level, "is_tcm": unit == "H2", "in_county": True, "kind": "inpatient", "start_date": date(YEAR, 3, 1),
        "end_date": date(YEAR, 3, 9), "total_fen": 800_000, "excluded_fen": 50_000, "copay_first_fen": 50_000,
        "consortium_id": small.units["439921-1"], "principal_dx": "J18.9", "days": 8, "sex": "M",
    }  # fmt: skip
    return Draft(**(values | other))


def related(ground: Ground, who: str, person: int = 0) -> None:
    """The person has shown the whole number at the seat's institution."""
    with ground.small.as_seat(who) as acting:
        registry.relate_by_visit(
            acting=acting, subject_id=ground.small.people[person],
            evidence=registry.Evidence("typed", ground.small.numbers[person]),
        )  # fmt: skip


def settled(
    ground: Ground,
    who: str = "settle",
    *,
    unit: str = "H1",
    person: int = 0,
    client_id: UUID | None = None,
    **other: Any,
) -> int:
    """Settle a claim through the action; its id."""
    related(ground, who, person)
    with ground.small.as_seat(who) as acting:
        made = settle(acting=acting, draft=draft(ground, unit, person, **other), client_id=client_id or uuid4())
        return int(made.pk)


def standing(claim_id: int) -> Settlement:
    """The settlement at which a claim stands (inside the door)."""
    found = Settlement.objects.filter(claim_id=claim_id, kind="settled", reversal=None).get()
    assert isinstance(found.claim, Claim)
    return found


def others(ground: Ground) -> QuerySet[Claim]:
    """Claims besides the one that the ground was planted with (inside the door)."""
    return Claim.objects.exclude(pk=ground.rows["claim"])


def dearer_elsewhere(ground: Ground, admin: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other consortium lies elsewhere, where the county's deductible of 500 is 800."""
    admin.execute("update access_unit set place = %s where id = %s", [ELSEWHERE, ground.small.units["439921-2"]])
    bare = parameters.values

    def dearer(place: str, on: date, real: bool = False) -> dict[str, policy.Value]:
        told = bare(place, on, real=real)
        if place == ELSEWHERE:
            table = told["deductible"].value
            rows = [(*row[:2], 80_000 if row[:2] == ("resident", "county") else row[2]) for row in table.rows]
            told["deductible"] = replace(told["deductible"], value=replace(table, rows=tuple(rows)))
        return told

    monkeypatch.setattr(parameters, "values", dearer)
    monkeypatch.setattr(reckoning, "_text", reckoning._text.__wrapped__)  # nothing of it is remembered
