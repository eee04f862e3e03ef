"""A person's standing claims over all institutions, and what the rule makes of them with one more, one less, or as they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.db import connection

from yigongti.benefit.fund.parameters import settlement as parameters
from yigongti.benefit.fund.rules import parameters as rules_parameters
from yigongti.benefit.fund.rules.person import Claim, Settled, settle_person
from yigongti.kernel.access.facade import current
from yigongti.kernel.access.models import Unit
from yigongti.policy import facade as policy

RESULT = ("deductible_fen", "ratio_bp", "basic_fen", "serious_fen", "aid_fen", "person_pays_fen")
"""What of a trace is kept in columns of its own."""
_CLAIM = (
    "claim_id", "person_id", "insurance", "aid_class", "level", "is_tcm", "in_county", "kind", "start_date", "end_date",
    "episode_id", "referral", "contracted", "total_fen", "excluded_fen", "copay_first_fen",
)  # fmt: skip


_PLACE = "left join access_unit p on p.id = c.consortium_id"


@dataclass(frozen=True)
class Standing:
    """A claim that counts, with what was paid for it (amounts in fen, in the order of RESULT)."""

    claim: Claim
    institution_id: int
    institution: str
    consortium_id: int | None
    visit: int | None
    setl_id: str
    settlement_id: int
    paid: tuple[int, ...]


def standing(subject_id: int) -> list[Standing]:
    """The person's claims that stand, in settlement order, whoever treated them.

    Raises django.db.ProgrammingError where the seat may not reckon with this person.
    """
    return _lines(_rows(f"select c.*, p.place from fund.person_claims(%(one)s) c {_PLACE}", subject_id))


def standing_if_allowed(subject_id: int) -> list[Standing] | None:
    """The same; None where the seat may not reckon with this person. One statement: a page asks it that must not fail."""
    rows = _rows(
        "select c.*, p.place from (select %(one)s::bigint as wanted where fund.may_reckon(%(one)s) offset 0) m"
        f" left join lateral fund.person_claims(m.wanted) c on true {_PLACE}",
        subject_id,
    )
    return _lines(row for row in rows if row["claim_id"] is not None) if rows else None


def _rows(statement: str, subject_id: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} order by c.end_date, c.start_date, c.claim_id", {"one": subject_id})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _lines(rows: Iterable[dict[str, Any]]) -> list[Standing]:
    own = current().place
    return [
        Standing(
            Claim(**{name: row[name] for name in _CLAIM}, place=own if row["place"] is None else row["place"]),
            row["institution_id"], row["institution"], row["consortium_id"],
            row["visit"], row["setl_id"], row["settlement_id"], tuple(row[name] for name in RESULT),
        )
        for row in rows
    ]  # fmt: skip


def places_of(consortia: Iterable[int | None]) -> dict[int | None, str]:
    """The division code whose rules the insured of each consortium follow; the seat's own where none is known."""
    known = [one for one in consortia if one is not None]
    found: dict[int | None, str] = dict(Unit.objects.filter(pk__in=known).values_list("pk", "place"))
    return {None: current().place, **found}


def may_reckon(subject_id: int) -> bool:
    """Whether the seat may reckon with this person's claims."""
    with connection.cursor() as cursor:
        cursor.execute("select fund.may_reckon(%s)", [subject_id])
        (may,) = cursor.fetchone()
    return bool(may)


def result(settled: Settled) -> tuple[int, ...]:
    """The columns of a trace, in the order of RESULT."""
    return tuple(getattr(settled.trace, name) for name in RESULT)


def settled(claims: Iterable[Claim], place: str) -> list[Settled]:
    """The rule over claims of one person, each claim by the rules of its place (*place* where it says none) on its day.

    Raises ClaimFault for a claim that can't be settled; PolicyGap where policy is silent.
    """
    claims = [claim if claim.place else replace(claim, place=place) for claim in claims]
    days: dict[str, list[date]] = {}
    for claim in claims:
        days.setdefault(claim.place, []).append(claim.end_date)
    return settle_person(claims, {where: sets_of(where, told) for where, told in days.items()})


def sets_of(place: str, days: Sequence[date]) -> rules_parameters.Parameters:
    """The parameter sets that hold on the given days, each from the first day it is needed."""
    sets: list[tuple[str, str]] = []
    for day in sorted(set(days)):
        text = _text(place, day)
        if not sets or sets[-1][1] != text:
            sets.append((day.isoformat(), text))
    return _read(tuple(sets))


@policy.remembered
def _text(place: str, day: date) -> str:
    """The set of a day as text: a person's claims fall on many days. Raises PolicyGap."""
    return json.dumps(parameters.resolve(place, day), sort_keys=True)


@lru_cache(maxsize=256)
def _read(sets: tuple[tuple[str, str], ...]) -> rules_parameters.Parameters:
    return rules_parameters.read({"sets": [{"from": day, "set": json.loads(text)} for day, text in sets]})
