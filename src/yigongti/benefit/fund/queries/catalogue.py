"""Every read of catalogues: training data, versions, comparison, one case's grouping, points of a year."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection

from yigongti.benefit.fund.models import Catalogue, CatalogueGroup, Claim, Coefficient
from yigongti.benefit.fund.queries.procedures import kinds
from yigongti.benefit.fund.rules import catalogue as rules
from yigongti.benefit.fund.rules import dip
from yigongti.benefit.fund.rules.drg import engine
from yigongti.kernel.access.facade import current
from yigongti.kernel.access.models import Unit
from yigongti.kernel.access.once import once
from yigongti.kernel.form import Choice, Env
from yigongti.kernel.money import WHOLE
from yigongti.policy import facade as policy
from yigongti.registry import facade as registry

STANDING = """
select {columns}
  from fund_claim c
  join fund_settlement s on s.claim_id = c.id and s.kind = 'settled'
   and not exists (select 1 from fund_settlement r where r.reverses_id = s.id)
  join access_unit u on u.id = c.institution_id
 where c.kind = 'inpatient' and c.principal_dx <> '' and c.in_county and u.consortium_id = %s
   and c.end_date >= %s and c.end_date < %s"""
"""Inpatient claims that stand, treated by the consortium's members."""
_PRICED = """
select c.id, c.principal_dx, c.procedures, c.total_fen from fund_claim c
 where c.year = %(year)s and c.kind = 'inpatient' and c.in_county and (c.consortium_id = %(consortium)s or c.institution_id = any(
       select i.id from access_unit i where i.consortium_id = %(consortium)s and i.kind = 'institution'))"""
SHOWN = 100


def consortia(env: Env) -> list[Choice]:
    """Consortia in the seat's reach."""
    acting = env.acting or current()
    rows = Unit.objects.filter(pk__in=acting.units, kind=Unit.Kind.CONSORTIUM, active=True).order_by("code")
    return [Choice(str(unit.pk), unit.name) for unit in rows]


@once
def consortium(unit_id: int) -> Unit | None:
    """A consortium in the seat's reach."""
    return Unit.objects.filter(pk=unit_id, pk__in=current().units, kind=Unit.Kind.CONSORTIUM, active=True).first()


@once
def members(consortium_id: int) -> dict[int, str]:
    """Institutions of a consortium: unit id → name."""
    return {one.pk: one.unit.name for one in registry.institutions((), consortium_id)}


def member_choices(env: Env) -> list[Choice]:
    """Institutions of every consortium in reach."""
    return [Choice(str(pk), name) for unit in consortia(env) for pk, name in members(int(unit.code)).items()]


NUMBERS = ("core_min_cases", "year_weights", "low", "high_excess")
"""What of ``fund.dip`` a catalogue is trained by."""


def parameters(place: str, on: date, real: bool = False) -> dict[str, Any]:
    """The object ``dip`` of the parameter set at a place and day; with *real*, assumed values are refused.

    Raises PolicyGap, UnknownPlace, AssumedRefused.
    """
    told = {name: policy.value(f"fund.dip.{name}", place=place, on=on, real=real).value for name in NUMBERS}
    weights = [weight for _, weight in sorted(told["year_weights"].rows)]
    return {
        "core_min_cases": told["core_min_cases"], "year_weights": weights, "low_bp": told["low"],
        "high_bp": WHOLE + told["high_excess"],
    }  # fmt: skip


def same_pay(place: str, on: date) -> tuple[str, ...]:
    """Beginnings of the diagnoses that are paid alike at every level."""
    return tuple(policy.value("fund.dip.same_pay", place=place, on=on).value)


def special_share(place: str, on: date, *, real: bool = False) -> int:
    """At most this share of discharges may be reviewed as special cases, bp. Raises as `parameters`."""
    return int(policy.value("fund.dip.special_share", place=place, on=on, real=real).value)


def trained(consortium_id: int, year: int, numbers: dip.DipParameters, kinds: Mapping[str, str]) -> rules.Catalogue:
    """A catalogue of the years before *year*, as many as there are weights, oldest first (fund.md 3)."""
    count = len(numbers.year_weights)
    years = range(year - count, year)
    sums: list[tuple[tuple[str, str], int, int, int]] = []
    query = STANDING.format(columns="c.principal_dx, c.procedures, count(*), sum(c.total_fen)") + " group by 1, 2"
    with connection.cursor() as cursor:
        for place, one in enumerate(years):
            cursor.execute(query, [consortium_id, date(one, 1, 1), date(one + 1, 1, 1)])
            sums += [((dip.dx4(dx), dip.ops(done)), place, n, int(total)) for dx, done, n, total in cursor.fetchall()]
    labelled = dip.labelled(sums, kinds, numbers.core_min_cases)
    return rules.train("dip", labelled, numbers.year_weights, [f"{one} 年结算清单" for one in years])


def by_case(case_ids: Sequence[int]) -> dict[int, Catalogue]:
    """Rows for the desk."""
    rows = Catalogue.objects.select_related("consortium", "written_by", "published_by", "procedures").filter(
        pk__in=list(case_ids)
    )
    return {row.pk: row for row in rows}


def loaded(row: Catalogue) -> rules.Catalogue:
    """A stored catalogue as the rules know it."""
    groups = {
        one.name: rules.Group(one.name, one.kind_of_group, one.cases, int(one.weighted_fen), one.weighted_cases, one.mean_fen,
                              one.points_milli)
        for one in CatalogueGroup.objects.filter(catalogue=row)
    }  # fmt: skip
    sources = tuple(rules.Source(name, weight, cases, int(fen)) for name, weight, cases, fen in row.sources)
    return rules.Catalogue("dip", groups, row.mean_all_fen, sources)


def before(row: Catalogue) -> Catalogue | None:
    """The last published catalogue before this one."""
    rows = Catalogue.objects.filter(consortium_id=row.consortium_id, published_at__isnull=False).exclude(pk=row.pk)
    if row.published_at is not None:
        rows = rows.filter(published_at__lt=row.published_at)
    found: Catalogue | None = rows.order_by("-published_at").first()
    return found


def comparison(row: Catalogue) -> tuple[Catalogue, rules.Comparison] | None:
    """What is new, gone and changed against the last published one; None where there is none."""
    last = before(row)
    return None if last is None else (last, rules.compare(loaded(last), loaded(row)))


def searched(row: Catalogue, text: str) -> tuple[list[CatalogueGroup], int]:
    """Groups whose name begins with *text* (all for ""), most cases first, and how many there are."""
    rows = CatalogueGroup.objects.filter(catalogue=row)
    if text:
        rows = rows.filter(name__startswith=dip.normal(text))
    return list(rows.order_by("-cases", "name")[:SHOWN]), rows.count()


def titles(names: Iterable[str]) -> dict[str, str]:
    """What the diagnoses of groups are called, by the group's name; nothing for codes that the table does not have."""
    diagnoses = {name: re.split(r"[|#]", name)[0] for name in names}
    found = registry.diagnosis_titles(diagnoses.values())
    return {name: found[code] for name, code in diagnoses.items() if code in found}


def groups(row: Catalogue) -> list[CatalogueGroup]:
    """Every group, by name."""
    return list(CatalogueGroup.objects.filter(catalogue=row).order_by("name"))


def explained(row: Catalogue, claim: Claim) -> list[str]:
    """How the claim is grouped, step by step, in Chinese."""
    case = dip.Case(claim.principal_dx, tuple(claim.procedures), claim.total_fen)
    first = dip.dx4(claim.principal_dx)
    names = registry.diagnosis_titles([first, first[:3]])
    if claim.dx_name and first == dip.normal(claim.principal_dx):
        names[first] = claim.dx_name
    if row.procedures is not None:
        names |= {code: title for code, title, _ in row.procedures.entries if code in claim.procedures}
    return dip.explain(case, loaded(row), kinds(row), dip.read(row.parameters), names)


def explained_drg(claim: Claim) -> engine.Grouped:
    """The same claim through the product's own DRG tables, which are not official, with every step."""
    from yigongti.benefit.fund.batch import drg_tables

    one = engine.Patient(
        claim.principal_dx, tuple(claim.other_dx), tuple(claim.procedures), claim.sex or None, claim.age_days
    )
    return engine.group_case(one, drg_tables.own())


def readable() -> bool:
    """Whether the seat may read published catalogues."""
    return any(map(current().may, ("fund.office", "fund.approve", "fund.read", "fund.audit", "fund.bureau")))


def points(row: Catalogue) -> dict[int, int]:
    """Thousandths of a point of each in-county stay of the catalogue's year, by claim id: the consortium's own residents' and
    those that its members treated (fund.md 3, 4).
    """
    numbers, groups = dip.read(row.parameters), dip.Groups(loaded(row), kinds(row))
    with connection.cursor() as cursor:
        cursor.execute(_PRICED, {"year": row.year, "consortium": row.consortium_id})
        found = cursor.fetchall()
    return {claim_id: dip.rule_of(groups.of(dx, done), total, numbers)[0] for claim_id, dx, done, total in found}


def coefficients(row: Catalogue) -> dict[int, int]:
    """What is written of an institution, bp by unit id."""
    return dict(Coefficient.objects.filter(catalogue=row).values_list("institution_id", "coefficient_bp"))


def coefficients_beside(consortium_id: int, year: int, until: datetime | None = None) -> dict[int, int]:
    """What other consortia's published catalogues of the year say of their institutions, bp by unit id, as of `until` (ADR 0050)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select institution_id, coefficient_bp from fund.coefficients_beside(%s, %s, %s)",
            [consortium_id, year, until],
        )
        return dict(cursor.fetchall())


def in_force(consortium_id: int, year: int, until: datetime | None = None) -> Catalogue | None:
    """The published catalogue of a consortium and year, the newest version; `until`: of those published by then."""
    rows = Catalogue.objects.select_related("procedures").filter(
        consortium_id=consortium_id, year=year, published_at__isnull=False
    )
    if until is not None:
        rows = rows.filter(published_at__lte=until)
    found: Catalogue | None = rows.order_by("-number").first()
    return found
